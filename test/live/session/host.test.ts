/** Missing requirements of simulated hosts, and their messages. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Host, type HostSystem, inspectHost } from "../../../live/session/host.ts";
import type { SessionBounds } from "../../../live/session/session.ts";

const THP = "/sys/kernel/mm/transparent_hugepage";
const ANON: SessionBounds = { mms: 3, pages: 4, anon: 1, file: 0, holders: 1 };
const FILE: SessionBounds = { mms: 2, pages: 4, anon: 0, file: 2, holders: 0 };

let root: string;
let system: HostSystem;

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const remove = (path: string): void => rmSync(join(root, path), { recursive: true });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "foliocheck-host-"));
  system = { platform: "linux", release: "6.18.2-made-up", arch: "x64", root };
  put("/proc/self/status", "Name:\tnode\nCapEff:\t000001ffffffffff\n");
  put("/proc/self/uid_map", "         0          0 4294967295\n");
  put("/proc/self/smaps", "00400000-00500000 r-xp 0 00:00 0\nRss:  4 kB\nKernelPageSize:        4 kB\n");
  put("/proc/kpagecount", "");
  put("/proc/kpageflags", "");
  put("/proc/config.gz", gzipSync("CONFIG_TRANSPARENT_HUGEPAGE=y\nCONFIG_MM_ID=y\nCONFIG_PAGE_MAPCOUNT=y\n"));
  put(`${THP}/shmem_enabled`, "always within_size advise [never] deny force\n");
  put(`${THP}/hugepages-16kB/enabled`, "always inherit madvise [never]\n");
  put(`${THP}/hugepages-32kB/enabled`, "[always] inherit madvise never\n");
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function able(bounds: SessionBounds = ANON): Host {
  const inspection = inspectHost(bounds, system);
  if (inspection.kind === "unable") {
    throw new Error(JSON.stringify(inspection.obstacles));
  }
  return inspection.host;
}

/** Returns the missing requirements, as codes and sentences. */
function obstacles(bounds: SessionBounds = ANON): [string, string][] {
  const inspection = inspectHost(bounds, system);
  return inspection.kind === "able"
    ? []
    : inspection.obstacles.map(({ code, message }) => [code, message.replaceAll(root, "")]);
}

describe("a machine that has everything", () => {
  test("describes a host that meets all requirements", () => {
    expect(able()).toEqual({
      kernelRelease: "6.18.2-made-up",
      pageSize: 4096,
      is64Bit: true,
      pageMapcount: true,
      mmId: true,
      configFile: "/proc/config.gz",
      folioSizes: [16, 32],
      settings: {
        lock: join(root, THP),
        required: [{ path: join(root, THP, "hugepages-16kB/enabled"), oneOf: ["madvise", "always"] }],
      },
    });
  });

  test("requires folios of all sizes within the bounds", () => {
    const sizes = able({ ...ANON, pages: 8 }).settings.required.map(({ path }) => path.slice(root.length + THP.length));
    expect(sizes).toEqual(["/hugepages-16kB/enabled", "/hugepages-32kB/enabled"]);
  });

  test("requires no setting for anonymous folios of one page, and one for files", () => {
    expect(able({ ...ANON, pages: 2 }).settings.required).toEqual([]);
    expect(able(FILE).settings.required.map(({ path }) => path)).toEqual([join(root, THP, "shmem_enabled")]);
  });

  describe("with runs of pages as entries", () => {
    const RUN: SessionBounds = { ...ANON, holders: 0, pages: 8, run: 64, mapped: 8 };

    beforeEach(() => {
      put(`${THP}/hpage_pmd_size`, "2097152\n");
      put(`${THP}/hugepages-1024kB/enabled`, "always inherit madvise [never]\n");
      put(`${THP}/hugepages-2048kB/enabled`, "always [inherit] madvise never\n");
      put(`${THP}/khugepaged/scan_sleep_millisecs`, "10000\n");
      put(`${THP}/khugepaged/max_ptes_none`, "511\n");
      put(`${THP}/shrink_underused`, "1\n");
    });

    test("requires, with runs of pages, folios of half a PMD and of a PMD, no other size, and no collapse", () => {
      const settings = able(RUN).settings.required.map(({ path, oneOf }) => [
        path.slice(root.length + THP.length + 1),
        oneOf,
      ]);
      expect(settings).toEqual([
        ["hugepages-1024kB/enabled", ["madvise", "always"]],
        ["hugepages-2048kB/enabled", ["madvise", "always"]],
        ["hugepages-16kB/enabled", ["never"]],
        ["hugepages-32kB/enabled", ["never"]],
        ["khugepaged/scan_sleep_millisecs", ["4294967295"]],
        ["khugepaged/max_ptes_none", ["0"]],
        ["shrink_underused", ["1"]],
      ]);
    });

    test("requires PMDs that map eight runs of pages", () => {
      put(`${THP}/hpage_pmd_size`, "33554432\n");
      expect(obstacles(RUN)).toEqual([["no-folio-size", "A PMD maps 32768 KiB here, and 2048 KiB are needed."]]);
    });
  });

  test("computes folio sizes from the page size of the host", () => {
    put("/proc/self/smaps", "Rss: 4 kB\nKernelPageSize:       16 kB\n");
    put(`${THP}/hugepages-64kB/enabled`, "always inherit madvise [never]\n");
    expect(able()).toMatchObject({
      pageSize: 16384,
      settings: { required: [{ path: join(root, THP, "hugepages-64kB/enabled") }] },
    });
  });

  test.each([
    ["/boot/config-6.18.2-made-up", "CONFIG_NO_PAGE_MAPCOUNT=y\nCONFIG_MM_ID=y\n", { pageMapcount: false, mmId: true }],
    [
      "/lib/modules/6.18.2-made-up/config",
      "# CONFIG_NO_PAGE_MAPCOUNT is not set\n",
      { pageMapcount: true, mmId: false },
    ],
  ])("reads the kernel configuration from %s", (path, text, expected) => {
    remove("/proc/config.gz");
    put(path, `CONFIG_TRANSPARENT_HUGEPAGE=y\n${text}`);
    expect(able()).toMatchObject({ ...expected, configFile: path });
  });

  test("leaves page mapcounts to a probe if the kernel configuration is not available", () => {
    remove("/proc/config.gz");
    expect(able()).toMatchObject({ pageMapcount: undefined, mmId: true, configFile: undefined });
  });

  test("detects a 32-bit host", () => {
    system = { ...system, arch: "arm" };
    expect(able().is64Bit).toBe(false);
  });
});

describe("a machine that lacks something", () => {
  test("a complete host lacks nothing", () => {
    expect(obstacles()).toEqual([]);
    expect(obstacles(FILE)).toEqual([]);
  });

  test("a host without Linux lacks only that", () => {
    system = { ...system, platform: "darwin", root: join(root, "none") };
    expect(obstacles()).toEqual([["not-linux", "This is darwin: only a Linux kernel can be compared with the model."]]);
  });

  test.each(["6.14.11-200.fc41", "6.1.0", "5.19", "4.20.1"])(
    "rejects a kernel without MM owner tracking: %s",
    (release) => {
      system = { ...system, release };
      expect(obstacles()).toEqual([["kernel-too-old", `The kernel is ${release}; MM owner tracking came with 6.15.`]]);
    },
  );

  test.each(["6.15.0-rc1", "6.15", "6.100.2", "7.1.0"])("accepts kernel %s", (release) => {
    system = { ...system, release };
    expect(obstacles()).toEqual([]);
  });

  test("requires root", () => {
    put("/proc/self/status", "Name:\tnode\nCapEff:\t00000000a80425fb\n");
    expect(obstacles()).toEqual([
      ["not-root", "Page frame numbers are for root only (CAP_SYS_ADMIN): run this as root."],
    ]);
  });

  test("requires root outside of user namespaces", () => {
    put("/proc/self/uid_map", "         0       1000          1\n");
    expect(obstacles()).toEqual([
      ["not-root", "Page frame numbers are for root only, and this is root of a user namespace."],
    ]);
  });

  test("requires transparent huge pages", () => {
    remove(THP);
    expect(obstacles().map(([code]) => code)).toEqual(["no-thp"]);
  });

  test("requires the folio sizes of the bounds", () => {
    expect(obstacles({ ...ANON, pages: 16 })).toEqual([
      ["no-folio-size", `The kernel has no folios of a size that is needed: no ${THP}/hugepages-64kB/enabled.`],
    ]);
  });

  // Root may write to any file, except on a read-only file system.
  test.skipIf(process.getuid?.() === 0)("requires write access to settings that must change", () => {
    chmodSync(join(root, THP, "hugepages-16kB/enabled"), 0o444);
    expect(obstacles()).toEqual([
      ["settings-read-only", `${THP}/hugepages-16kB/enabled is "never", must be "madvise", and is not writable.`],
    ]);
  });

  test("requires /proc/kpagecount and /proc/kpageflags", () => {
    remove("/proc/kpagecount");
    expect(obstacles()).toEqual([
      ["no-page-monitor", "The kernel has no /proc/kpagecount (CONFIG_PROC_PAGE_MONITOR)."],
    ]);
  });

  test("reports all missing requirements", () => {
    system = { ...system, release: "6.12.0" };
    put("/proc/self/status", "CapEff:\t0000000000000000\n");
    remove(THP);
    expect(obstacles().map(([code]) => code)).toEqual(["kernel-too-old", "not-root", "no-thp"]);
  });
});
