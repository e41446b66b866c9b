/**
 * A session without a running kernel: the model simulates it, with separate page frames and contents. Faults can be
 * injected.
 */
import { at } from "../../explore/model/schema.ts";
import {
  type EntryObservation,
  type Failure,
  type MmObservation,
  type Observation,
  PageFlag,
  type VmaObservation,
} from "../../live/session/observation.ts";
import type { Operation } from "../../live/session/operation.ts";
import type { LiveSession, SessionBounds } from "../../live/session/session.ts";
import { PackedWorld, type WorldModel } from "../../live/walk/packed-world.ts";
import { isPresent } from "../../model/kernel/pgtable.ts";
import { HolderKind } from "../../model/state/world.ts";

/**
 * Changes an answer.
 *
 * @param step number of operations since the session began, including the current one
 */
export type FaultInjection = (answer: Observation, operation: Operation, step: number) => Observation | Failure;

const KIB = 1024;
const PAGE = 4096;

/** A session that the model simulates. */
export class SimulatedSession implements LiveSession {
  readonly bounds: SessionBounds;
  /** Number of operations. */
  performed = 0;
  resets = 0;
  private readonly model: PackedWorld;
  private readonly inject: FaultInjection;
  private frames: number[] = [];
  private memory: number[][] = [];
  private nextFrame = 1024;

  constructor(model: WorldModel, bounds: SessionBounds, inject: FaultInjection = (answer) => answer) {
    this.model = new PackedWorld(model);
    this.bounds = bounds;
    this.inject = inject;
    this.restart();
  }

  async perform(operations: readonly Operation[]): Promise<readonly (Observation | Failure)[]> {
    const answers: (Observation | Failure)[] = [];
    for (const operation of operations) {
      const problem = this.act(operation);
      this.performed += 1;
      answers.push(
        problem === undefined
          ? this.inject(this.observe(), operation, this.performed)
          : { kind: "failure", message: problem },
      );
      if (answers.at(-1)?.kind === "failure") {
        break;
      }
    }
    return answers;
  }

  async reset(): Promise<void> {
    this.resets += 1;
    this.restart();
  }

  async close(): Promise<void> {}

  private restart(): void {
    const { model: machine } = this;
    machine.loadInitial();
    machine.world.mms.forEach(({ live }, mm) => {
      if (live) {
        this.call("exit", { mm });
      }
    });
    this.frames = machine.world.folios.map(() => 0);
    this.memory = machine.world.folios.map(() => []);
  }

  /** @returns the reason of a failure */
  private act(operation: Operation): string | undefined {
    switch (operation.kind) {
      case "newMm":
      case "exit":
        return this.call(operation.kind, { mm: operation.mm });
      case "fork":
        return this.fork(operation.parent, operation.child);
      case "fault": {
        const { mm, first, pages, value } = operation;
        const problem = this.call("anonFault", { mm, first, pages });
        for (let i = 0; problem === undefined && i < pages; i++) {
          this.write(mm, first + i, value);
        }
        return problem;
      }
      case "touch":
        return this.fault(operation.mm, operation.entry);
      case "write": {
        const { mm, entry, value } = operation;
        const problem = this.pte(mm, entry).writable ? undefined : this.fault(mm, entry);
        this.write(mm, entry, value);
        return problem;
      }
      case "unmap": {
        const { mm, vma, first, count } = operation;
        return this.call("unmap", { mm, vma, first, count });
      }
      case "mremap": {
        const { mm, from, to } = operation;
        return this.call("mremap", { mm, from, to });
      }
      case "get": {
        const { mm, entry } = operation;
        return this.call("gup", { mm, entry, kind: HolderKind.get });
      }
      case "pin": {
        const { mm, entry } = operation;
        const pte = this.pte(mm, entry);
        const value = this.memory[pte.folio - 1]?.[pte.page] ?? 0;
        const problem = this.call("gup", { mm, entry, kind: HolderKind.pinWrite });
        this.write(mm, entry, value);
        return problem;
      }
      case "deviceWrite": {
        const { folio, page } = at(this.model.world.holders, operation.holder);
        at(this.memory, folio - 1)[page] = operation.value;
        return undefined;
      }
      case "put":
        return this.call("put", { holder: operation.holder });
      case "readFile":
        return this.call("readFile", { index: operation.index, pages: operation.pages });
      case "fileFault": {
        const { mm, vma, first, count } = operation;
        return this.call("fileFault", { mm, vma, first, count });
      }
      case "reclaim": {
        const folio = this.model.world.folios.findIndex(
          ({ inPageCache, index }) => inPageCache && index === operation.index,
        );
        return this.call("reclaim", { folio });
      }
      default:
        return `${operation.kind} is not simulated`;
    }
  }

  private pte(mm: number, entry: number) {
    return at(at(at(this.model.world.mms, mm).vmas, 0).ptes, entry);
  }

  private write(mm: number, entry: number, value: number): void {
    const { folio, page } = this.pte(mm, entry);
    at(this.memory, folio - 1)[page] = value;
  }

  /** The pages of an immediate copy have the contents of their originals. */
  private fork(parent: number, child: number): string | undefined {
    const problem = this.call("fork", { parent, child });
    const { ptes } = at(at(this.model.world.mms, parent).vmas, 0);
    ptes.forEach(({ folio, page }, entry) => {
      if (problem === undefined && folio !== 0) {
        this.write(child, entry, this.memory[folio - 1]?.[page] ?? 0);
      }
    });
    return problem;
  }

  /** Simulates a write fault, with the copy that it may make. */
  private fault(mm: number, entry: number): string | undefined {
    const pte = this.pte(mm, entry);
    const value = this.memory[pte.folio - 1]?.[pte.page] ?? 0;
    const problem = this.call("writeFault", { mm, entry });
    this.write(mm, entry, value);
    return problem;
  }

  private call(action: string, parameters: { readonly [name: string]: number }): string | undefined {
    const { model: machine } = this;
    const index = machine.indexOf({ action, parameters });
    if (index < 0 || !machine.apply(index)) {
      return `${action}: Invalid argument`;
    }
    machine.world.folios.forEach(({ allocated, nrPages }, f) => {
      if (!allocated) {
        this.frames[f] = 0;
      } else if (this.frames[f] === 0) {
        this.frames[f] = this.nextFrame;
        this.nextFrame += 8 * Math.ceil(nrPages / 8);
      }
    });
    return undefined;
  }

  private observe(): Observation {
    const { world } = this.model;
    return {
      kind: "observation",
      mms: world.mms.map(({ live }, m) => (live ? this.observeMm(m) : null)),
      holders: world.holders.map(({ kind, folio, page }) =>
        kind === HolderKind.none ? null : (this.memory[folio - 1]?.[page] ?? 0),
      ),
    };
  }

  private observeMm(m: number): MmObservation {
    return { vmas: at(this.model.world.mms, m).vmas.map((_, v) => this.observeVma(m, v)) };
  }

  private observeVma(m: number, v: number): VmaObservation {
    const { world, kernel } = this.model;
    let pss = 0;
    let uss = 0;
    const entries = at(at(world.mms, m).vmas, v).ptes.map((pte): EntryObservation => {
      if (!isPresent(pte)) {
        return {
          present: false,
          swapped: false,
          pfn: 0,
          exclusive: false,
          mapcount: 0,
          flags: 0,
          content: null,
          alike: 1,
        };
      }
      const folio = at(world.folios, pte.folio - 1);
      const { page } = pte;
      pss += Math.floor((PAGE * 4096) / kernel.smapsPssDivisor(folio, page));
      uss += kernel.smapsPrivate(folio, page) ? PAGE : 0;
      const compound = page === 0 ? PageFlag.compoundHead : PageFlag.compoundTail;
      return {
        present: true,
        swapped: false,
        pfn: (this.frames[pte.folio - 1] ?? 0) + page,
        exclusive: kernel.pagemapMmapExclusive(folio, page),
        mapcount: kernel.kpagecount(folio, page),
        flags: PageFlag.lru | (folio.anon ? PageFlag.anon : 0) | (folio.nrPages > 1 ? compound : 0),
        content: folio.anon ? (this.memory[pte.folio - 1]?.[page] ?? 0) : folio.index + page + 1,
        alike: 1,
      };
    });
    const rss = entries.filter(({ present }) => present).length * PAGE;
    return {
      entries,
      smaps: { rss, pss: Math.floor(pss / 4096 / KIB) * KIB, private: uss, vmas: 1 },
    };
  }
}
