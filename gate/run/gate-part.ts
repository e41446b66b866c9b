/** Results of a gate or of one of its shards, as JSON values, and the report that the parts of all shards make. */
import type { NotChecked } from "../../invariants/not-checked.ts";
import { formatConfig } from "../../model/kernel/config.ts";
import type { BaselineEntry, GateOptionsReport, GateReport } from "../../verify/report/report.ts";
import type { Shard } from "../../verify/shard/shard.ts";
import type { MeasuredLayouts } from "../preparation/measured-layouts.ts";
import { gateConfig } from "../unit/configurations.ts";
import { type ImagePart, imageResults } from "./image-part.ts";
import { layoutFindings } from "./layout-findings.ts";
import type { GateProofResult } from "./proof.ts";
import { gateReport } from "./report.ts";
import type { SourceShapes } from "./source-shape.ts";
import { mergedUnits, type UnitPart, unitResults } from "./unit-part.ts";

/** Results of a shard, or of a whole gate. */
export interface GatePart {
  readonly tree: string;
  /** The command that reproduces the findings. */
  readonly reproduce: string;
  readonly options: GateOptionsReport;
  /** Each configuration of the tree, in order. */
  readonly units: readonly UnitPart[];
  /** The images that the shard has, in the order of the configurations. */
  readonly images: readonly ImagePart[];
  /** Reasons for the absence of images. */
  readonly without: readonly NotChecked[];
  /** Shapes of the files with changed lines. */
  readonly shapes: SourceShapes;
  /** Absent if another shard measures the layouts, and if they were not measured. */
  readonly layout?: MeasuredLayouts;
  readonly proof: GateProofResult;
  /** Whether the proof is that of the gate: of several shards, only one proves. */
  readonly proves: boolean;
}

/**
 * Puts the parts of all shards together.
 *
 * @param parts of the same gate, not empty, in the order of the shards
 */
export function mergedGate(parts: readonly GatePart[]): GatePart {
  const [first] = parts as [GatePart];
  const units = mergedUnits(parts.map((each) => each.units));
  const configs = units.map(({ unit }) => formatConfig(gateConfig(unit.configuration)));
  const position = ({ config }: ImagePart): number => configs.indexOf(config);
  const { layout: _, ...frame } = first;
  const layout = parts.find((each) => each.layout !== undefined)?.layout;
  return {
    ...frame,
    units,
    images: parts.flatMap(({ images }) => images).sort((one, other) => position(one) - position(other)),
    ...(layout === undefined ? {} : { layout }),
    proof: (parts.find(({ proves }) => proves) ?? first).proof,
  };
}

/** Findings of a part: of the functions in scope, images, the proof and layouts. */
export function findingsOfPart({ units, images, proof, layout }: GatePart): GateFindings {
  return [
    ...unitResults(units).findings,
    ...imageResults(images).findings,
    ...proof.findings,
    ...(layout === undefined ? [] : layoutFindings(layout)),
  ];
}

type GateFindings = Parameters<typeof gateReport>[0]["findings"];

/**
 * Returns the report of a gate.
 *
 * @param part the whole gate, or a shard
 * @param baseline accepted findings
 * @param seconds wall-clock time
 * @param shard the shard, if the part is only that
 */
export function reportOfPart(
  part: GatePart,
  baseline: readonly BaselineEntry[],
  seconds: number,
  shard?: Shard,
): GateReport {
  const { tree, reproduce, options, units, images, without, shapes, layout, proof } = part;
  return gateReport({
    tree,
    reproduce,
    options,
    units: units.map(({ unit }) => ({ fast: { unit } })),
    ...unitResults(units),
    image: { ...imageResults(images), without, shapes },
    findings: findingsOfPart(part),
    baseline,
    ...(layout === undefined ? {} : { layout }),
    proof,
    seconds,
    ...(shard === undefined || shard.count === 1 ? {} : { shard }),
  });
}
