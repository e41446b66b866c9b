/** The checks on free. The fields of a freed folio are not compared; the verdict and the warnings of the checks are. */
import { mayWarnOnFree, PageDamage } from "../../model/kernel/page-damage.ts";
import type { Folio } from "../../model/state/structs.ts";
import { type CallEffects, faultsOf, leavesTail, NO_CHANGE } from "./call-effects.ts";
import type { CallFault } from "./call-fault.ts";
import type { CallMemo } from "./call-memo.ts";
import type { Calls } from "./calls.ts";
import type { Raised } from "./raised.ts";
import { EffectCode } from "./warning-codes.ts";

/** The dependencies of `freeing`. */
interface Freeing {
  readonly effects: CallEffects;
  readonly memo: CallMemo;
  readonly raised: Raised;
  readonly runsModel: boolean;
  readonly pack: (folio: Folio) => void;
}

/** Builds the function that frees folios (`Calls.free`). */
export function freeing({ effects, memo, raised, runsModel, pack }: Freeing): Calls["free"] {
  const { warnings } = raised;

  const judgeAlone = (folio: Folio, isBad: boolean): void => {
    const before = raised.times;
    effects.raiseIn(raised, leavesTail);
    effects.raiseStatsIn(raised);
    if (isBad !== effects.warned) {
      raised.raise(EffectCode.outOfRange, verdict(isBad));
    }
    if (raised.times === before) {
      memo.put(folio, 0);
    }
  };

  /** Whether C code warns exactly if the model does; with `mayWarn`, an additional warning is allowed. */
  const agrees = (warnedInModel: boolean, mayWarn: boolean): boolean =>
    effects.warned === warnedInModel || (mayWarn && effects.warned);

  const differences = (isBad: boolean, warnedInModel: boolean, mayWarn: boolean): readonly CallFault[] => {
    const left = faultsOf(effects.left(leavesTail));
    if (effects.trapped) {
      return left;
    }
    const difference: CallFault = { kind: "warning", compiled: effects.warned, model: warnedInModel };
    return [
      ...(agrees(warnedInModel, mayWarn) ? [] : [difference]),
      ...(isBad === effects.warned ? [] : [verdict(isBad)]),
      ...left,
      ...effects.statDifferences(NO_CHANGE),
    ];
  };

  const verdict = (isBad: boolean): CallFault => ({ kind: "free-verdict", isBad, warned: effects.warned });

  return ({ code, run, decode, isLeftOut }, folio, model, damage, page) => {
    if (isLeftOut) {
      model();
      return;
    }
    const cached = damage === PageDamage.none ? memo.find(folio, code) : memo.skip();
    let isBad = false;
    if (cached < 0) {
      pack(folio);
      isBad = decode(run(damage, page));
    }
    const mayWarn = mayWarnOnFree(folio, damage);
    const warnedBefore = warnings.first;
    warnings.first = 0;
    model();
    const warned = warnings.first;
    // The model's warning counts under conformance only.
    warnings.first = warnedBefore !== 0 || !runsModel ? warnedBefore : warned;
    if (!runsModel) {
      if (cached < 0) {
        judgeAlone(folio, isBad);
      }
      return;
    }
    const same =
      cached >= 0 ||
      (effects.isClean &&
        isBad === effects.warned &&
        agrees(warned !== 0, mayWarn) &&
        effects.changesStatsBy(NO_CHANGE));
    if (!same) {
      warnings.first = warnedBefore;
    } else if (cached < 0 && warned === 0) {
      memo.put(folio, 0);
    }
    raised.assert(code, same, () => differences(isBad, warned !== 0, mayWarn));
  };
}
