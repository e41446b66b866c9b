/** Inspects the host: its relevant properties, and missing requirements. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { arch, platform, release } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { RUN_SETTINGS } from "./run-settings.ts";
import type { SessionBounds } from "./session.ts";
import { changesFor, type HostSettings, type RequiredSetting } from "./settings.ts";

/** Code of a missing requirement. */
export type ObstacleCode =
  | "not-linux"
  | "kernel-too-old"
  | "not-root"
  | "no-thp"
  | "no-folio-size"
  | "no-page-monitor"
  | "settings-read-only"
  | "no-compiler"
  | "compiler-fails"
  | "no-cache";

/** A missing requirement. The message is one sentence. */
export interface Obstacle {
  readonly code: ObstacleCode;
  readonly message: string;
}

/** A host on which sessions can run. */
export interface Host {
  /** Kernel release, as in `uname -r`. */
  readonly kernelRelease: string;
  /** In bytes. */
  readonly pageSize: number;
  readonly is64Bit: boolean;
  /** CONFIG_PAGE_MAPCOUNT; undefined when the kernel's configuration is not available: it is then probed. */
  readonly pageMapcount: boolean | undefined;
  /** CONFIG_MM_ID. True when the configuration is not available: CONFIG_TRANSPARENT_HUGEPAGE selects it. */
  readonly mmId: boolean;
  /** Sizes of large anonymous folios that the kernel supports, in KiB, ascending. */
  readonly folioSizes: readonly number[];
  /** File that the configuration was read from. */
  readonly configFile: string | undefined;
  /** Required settings, and the lock that guards them. */
  readonly settings: HostSettings;
}

/** Sources of the inspection. Tests use a simulated host. */
export interface HostSystem {
  readonly platform: NodeJS.Platform;
  /** Kernel release, as in `uname -r`. */
  readonly release: string;
  readonly arch: NodeJS.Architecture;
  /** Prefix of /proc, /sys and the other folders of the system. */
  readonly root: string;
}

/** The host that this process runs on. */
export const THIS_HOST: HostSystem = {
  platform: platform(),
  release: release(),
  arch: arch() as NodeJS.Architecture,
  root: "",
};

/** Version that introduced MM owner tracking. */
const OLDEST: readonly [number, number] = [6, 15];
/** Bit of CAP_SYS_ADMIN. Without it, /proc/PID/pagemap has no page frame numbers. */
const CAP_SYS_ADMIN = 21n;
/** Content of /proc/self/uid_map outside of user namespaces. */
const ALL_IDS = "0 0 4294967295";
/**
 * Pages of the folios that an anonymous fault may allocate, within the bounds. Two pages are not supported:
 * THP_ORDERS_ALL_ANON.
 */
const ANON_FOLIOS = [4, 8, 16];
/** Entries that a PMD maps if an entry is a run of pages. */
const PMD_ENTRIES = 8;
/** Entries of large folios if an entry is a run of pages. */
const RUN_FOLIOS = [4, 8];
const KIB = 1024;
const THP_FOLDER = "/sys/kernel/mm/transparent_hugepage";

/** Checks all requirements of a session within bounds, except for a compiler. */
export function inspectHost(
  bounds: SessionBounds,
  system: HostSystem = THIS_HOST,
):
  | { readonly kind: "able"; readonly host: Host }
  | { readonly kind: "unable"; readonly obstacles: readonly Obstacle[] } {
  if (system.platform !== "linux") {
    const message = `This is ${system.platform}: only a Linux kernel can be compared with the model.`;
    return { kind: "unable", obstacles: [{ code: "not-linux", message }] };
  }
  const pageSize = pageSizeOf(system);
  const settings = settingsFor(bounds, system, pageSize);
  const obstacles = [
    ...kernelObstacles(system),
    ...privilegeObstacles(system),
    ...monitorObstacles(system),
    ...settingObstacles(settings),
    ...pmdObstacles(bounds, system, pageSize),
  ];
  if (obstacles.length > 0) {
    return { kind: "unable", obstacles };
  }
  const config = kernelConfigFile(system);
  return {
    kind: "able",
    host: {
      kernelRelease: system.release,
      pageSize,
      is64Bit: !["arm", "ia32", "mips", "mipsel", "ppc", "s390"].includes(system.arch),
      pageMapcount: config === undefined ? undefined : !isSet(config.text, "CONFIG_NO_PAGE_MAPCOUNT"),
      mmId: config === undefined || isSet(config.text, "CONFIG_MM_ID"),
      folioSizes: anonFolioSizes(system),
      configFile: config?.path,
      settings,
    },
  };
}

function kernelObstacles({ release }: HostSystem): Obstacle[] {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  const isOldEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return isOldEnough
    ? []
    : [
        {
          code: "kernel-too-old",
          message: `The kernel is ${release}; MM owner tracking came with ${OLDEST.join(".")}.`,
        },
      ];
}

/** pagemap shows page frame numbers only with CAP_SYS_ADMIN in the initial user namespace: see pagemap_open(). */
function privilegeObstacles({ root }: HostSystem): Obstacle[] {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readText(join(root, "/proc/self/status")) ?? "")?.[1] ?? "0";
  if ((BigInt(`0x${mask}`) >> CAP_SYS_ADMIN) % 2n === 0n) {
    return [{ code: "not-root", message: "Page frame numbers are for root only (CAP_SYS_ADMIN): run this as root." }];
  }
  const ids = readText(join(root, "/proc/self/uid_map")) ?? ALL_IDS;
  return ids.trim().split(/\s+/).join(" ") === ALL_IDS
    ? []
    : [{ code: "not-root", message: "Page frame numbers are for root only, and this is root of a user namespace." }];
}

function monitorObstacles({ root }: HostSystem): Obstacle[] {
  const missing = ["/proc/kpagecount", "/proc/kpageflags"].find((path) => !existsSync(join(root, path)));
  return missing === undefined
    ? []
    : [{ code: "no-page-monitor", message: `The kernel has no ${missing} (CONFIG_PROC_PAGE_MONITOR).` }];
}

function settingObstacles({ lock, required }: HostSettings): Obstacle[] {
  if (!existsSync(lock)) {
    return [{ code: "no-thp", message: "The kernel has no transparent huge pages (CONFIG_TRANSPARENT_HUGEPAGE)." }];
  }
  const missing = required.find(({ path }) => !existsSync(path));
  if (missing !== undefined) {
    return [
      { code: "no-folio-size", message: `The kernel has no folios of a size that is needed: no ${missing.path}.` },
    ];
  }
  const fixed = changesFor(required).find(({ path }) => !isWritable(path));
  return fixed === undefined
    ? []
    : [
        {
          code: "settings-read-only",
          message: `${fixed.path} is "${fixed.oldValue}", must be "${fixed.value}", and is not writable.`,
        },
      ];
}

/** If an entry is a run of pages, a PMD must map eight entries. */
function pmdObstacles({ run = 1 }: SessionBounds, { root }: HostSystem, pageSize: number): Obstacle[] {
  const bytes = PMD_ENTRIES * run * pageSize;
  const size = Number(readText(join(root, THP_FOLDER, "hpage_pmd_size")) ?? 0);
  return run === 1 || size === bytes
    ? []
    : [{ code: "no-folio-size", message: `A PMD maps ${size / KIB} KiB here, and ${bytes / KIB} KiB are needed.` }];
}

function settingsFor(bounds: SessionBounds, system: HostSystem, pageSize: number): HostSettings {
  const { pages, anon, file, run = 1 } = bounds;
  const folder = join(system.root, THP_FOLDER);
  if (run > 1) {
    return {
      lock: folder,
      required: runSettings(run, folder, existsSync(folder) ? anonFolioSizes(system) : [], pageSize),
    };
  }
  const anonSizes = ANON_FOLIOS.filter((folio) => anon > 0 && folio <= pages).map(
    (folio): RequiredSetting => ({
      path: join(folder, `hugepages-${(folio * pageSize) / KIB}kB`, "enabled"),
      oneOf: ["madvise", "always"],
    }),
  );
  // Each mount has a separate setting, unless this one disables large folios of files everywhere, or forces PMD-sized
  // ones.
  const fileSizes: RequiredSetting[] =
    file > 0 ? [{ path: join(folder, "shmem_enabled"), oneOf: ["never", "advise", "within_size", "always"] }] : [];
  return { lock: folder, required: [...anonSizes, ...fileSizes] };
}

/**
 * Settings for entries that are runs of pages: folios of one page, of half a PMD, of a PMD, and of no other size; no
 * collapse; and THPs that contain a page of zeros count as underused.
 */
function runSettings(run: number, folder: string, sizes: readonly number[], pageSize: number): RequiredSetting[] {
  const required = RUN_FOLIOS.map((entries) => (entries * run * pageSize) / KIB);
  const others = sizes.filter((size) => !required.includes(size));
  const enabled = (size: number, ...oneOf: RequiredSetting["oneOf"]): RequiredSetting => ({
    path: join(folder, `hugepages-${size}kB`, "enabled"),
    oneOf,
  });
  return [
    ...required.map((size) => enabled(size, "madvise", "always")),
    ...others.map((size) => enabled(size, "never")),
    ...RUN_SETTINGS.map(([name, value]): RequiredSetting => ({ path: join(folder, name), oneOf: [value] })),
  ];
}

/** Returns the base page size in bytes, read from the first VMA of this process. */
function pageSizeOf({ root }: HostSystem): number {
  const size = /^KernelPageSize:\s*(\d+) kB$/m.exec(readText(join(root, "/proc/self/smaps")) ?? "")?.[1];
  return size === undefined ? 4096 : Number(size) * KIB;
}

/** Sizes that only files support have no `enabled` setting. */
function anonFolioSizes({ root }: HostSystem): number[] {
  const folder = join(root, THP_FOLDER);
  return readdirSync(folder)
    .flatMap((name) => {
      const size = /^hugepages-(\d+)kB$/.exec(name)?.[1];
      return size !== undefined && existsSync(join(folder, name, "enabled")) ? [Number(size)] : [];
    })
    .sort((a, b) => a - b);
}

function kernelConfigFile({ root, release }: HostSystem): { readonly path: string; readonly text: string } | undefined {
  const places = ["/proc/config.gz", `/boot/config-${release}`, `/lib/modules/${release}/config`];
  for (const path of places) {
    const text = readText(join(root, path));
    if (text?.includes("CONFIG_TRANSPARENT_HUGEPAGE")) {
      return { path, text };
    }
  }
  return undefined;
}

function isSet(config: string, option: string): boolean {
  return new RegExp(`^${option}=y$`, "m").test(config);
}

/** Returns the text of a file, decompressed according to its name; undefined when it cannot be read. */
function readText(path: string): string | undefined {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  } catch {
    return undefined;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
