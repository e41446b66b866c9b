/** The shape of a source file: where code and preprocessor directives can be, without the text. */

/** Number of lines of a file, and its lines with a preprocessor directive, from 1. */
export interface SourceShape {
  readonly lines: number;
  readonly directives: readonly number[];
}

/** Shapes of files by name. */
export type SourceShapes = { readonly [file: string]: SourceShape };

/** Returns the shapes of files. @param textOf returns the text of a file; undefined if there is none */
export function sourceShapes(files: readonly string[], textOf: (file: string) => string | undefined): SourceShapes {
  return Object.fromEntries(
    [...new Set(files)].flatMap((file) => {
      const text = textOf(file);
      return text === undefined ? [] : [[file, shapeOf(text)]];
    }),
  );
}

function shapeOf(text: string): SourceShape {
  const lines = text.split("\n");
  return { lines: lines.length, directives: lines.flatMap((line, i) => (/^\s*#/.test(line) ? [i + 1] : [])) };
}
