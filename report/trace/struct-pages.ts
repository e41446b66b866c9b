/** Pictures of machine struct-pages: the use of each struct page, its private and its page type. */
import * as v from "valibot";
import { BlockKind } from "../../model/environment/struct-pages.ts";
import { PagePrivate, PGTY_MAPCOUNT_UNDERFLOW } from "../../model/state/structs.ts";
import { span } from "../text/styled-text.ts";
import { type Field, field, isShown, LABEL_WIDTH, type PictureLine, packFields } from "./field.ts";

const stateSchema = v.object({
  block: v.number(),
  pages: v.array(
    v.object({
      allocated: v.boolean(),
      private: v.number(),
      pages: v.tuple([v.object({ mapcount: v.number() })]),
    }),
  ),
});

type DrawnBlock = v.InferOutput<typeof stateSchema>;

/** Draws a state; undefined for the state of another machine. */
export function drawStructPages(state: unknown, before: unknown, width: number): PictureLine[] | undefined {
  const now = v.safeParse(stateSchema, state);
  if (!now.success) {
    return undefined;
  }
  const earlier = v.safeParse(stateSchema, before);
  const old = earlier.success ? earlier.output : undefined;
  return now.output.pages.flatMap((_, i) =>
    packFields(span(`page ${i}`), fieldsOf(now.output, old, i), LABEL_WIDTH, width),
  );
}

function fieldsOf(now: DrawnBlock, before: DrawnBlock | undefined, i: number): Field[] {
  const fieldOf = (name: string, text: (state: DrawnBlock) => string, fresh?: string): Field =>
    field(name, text(now), before && text(before), fresh);
  return [
    fieldOf("is", (state) => useOf(state, i)),
    fieldOf("private", ({ pages }) => privateOf(pages[i]?.private), "0"),
    fieldOf("type", ({ pages }) => typeOf(pages[i]?.pages[0].mapcount), "none"),
  ].filter(isShown);
}

function useOf({ block, pages }: DrawnBlock, i: number): string {
  switch (block) {
    case BlockKind.none:
      return pages[i]?.allocated === true ? "a separate page" : "free";
    case BlockKind.compound:
      return i === 0 ? "the head of a compound page" : "a tail page";
    default:
      return i === 0 ? "the first of a block" : "in a block";
  }
}

function privateOf(value: number | undefined): string {
  switch (value) {
    case PagePrivate.none:
      return "0";
    case PagePrivate.inUse:
      return "stored by its owner";
    case PagePrivate.left:
      return "left by an earlier owner";
    case PagePrivate.leftInTail:
      return "left by an earlier owner of a tail page";
    default:
      return `${value}`;
  }
}

function typeOf(mapcount: number | undefined): string {
  return mapcount !== undefined && mapcount < PGTY_MAPCOUNT_UNDERFLOW ? "page table" : "none";
}
