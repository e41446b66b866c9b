// @ts-check
/** Runs a command as a whole process and measures it from outside, in the same way for every checker. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Measurement
 * @property {number} cpuSeconds user and system time of the process and of its reaped children
 * @property {number} seconds wall-clock time
 * @property {number | null} peakBytes largest resident set; null if the system does not report it
 * @property {string} output its standard output
 */

/**
 * @typedef {object} Command
 * @property {string} file
 * @property {readonly string[]} args
 * @property {string} cwd
 * @property {Readonly<Record<string, string>>} [env] added to the environment
 */

/** GNU time reads both figures from wait4(); the fallback is the shell's `times` and Linux's /proc. */
const hasGnuTime = spawnSync("time", ["--version"], { encoding: "utf8" }).output?.join("").includes("GNU") ?? false;

/** Interval of reads of /proc. The kernel stores the peak, so only growth within the last interval is missed. */
const POLL_MILLISECONDS = 10;

/** The method of measurement, for the header. */
export const method = hasGnuTime ? "GNU time" : "the shell's times and /proc";

/**
 * @param {Command} command
 * @param {string} folder for a temporary file
 * @returns {Promise<Measurement>}
 * @throws when the command fails
 */
export async function measure(command, folder) {
  const figures = join(folder, "figures");
  const started = performance.now();
  const wrapper = hasGnuTime
    ? ["time", "--quiet", "-f", "%U %S %M", "-o", figures, command.file, ...command.args]
    : // The command runs in the background of the shell, so that its process id is available while it runs.
      ["sh", "-c", `"$@" & echo $! >&3; wait $!; status=$?; times >'${figures}'; exit $status`, "sh"].concat(
        command.file,
        command.args,
      );
  const { output, polledPeak } = await run(wrapper, command);
  const seconds = (performance.now() - started) / 1000;
  const text = readFileSync(figures, "utf8");
  rmSync(figures);
  if (hasGnuTime) {
    const [user = Number.NaN, system = Number.NaN, kilobytes = Number.NaN] = text.trim().split(" ").map(Number);
    return { cpuSeconds: user + system, seconds, peakBytes: kilobytes * 1024, output };
  }
  return { cpuSeconds: childTime(text), seconds, peakBytes: polledPeak, output };
}

/**
 * @param {readonly string[]} wrapper
 * @param {Command} command
 * @returns {Promise<{ output: string, polledPeak: number | null }>}
 */
function run(wrapper, { file, args, cwd, env }) {
  return new Promise((resolve, reject) => {
    const [program = "", ...rest] = wrapper;
    const child = spawn(program, rest, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    let pid = "";
    /** @type {number | null} */
    let polledPeak = null;
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      errors += text;
    });
    child.stdio[3]?.on("data", (text) => {
      pid += text;
    });
    const polling = hasGnuTime
      ? undefined
      : setInterval(() => {
          polledPeak = Math.max(polledPeak ?? 0, peakOf(pid.trim()) ?? 0) || null;
        }, POLL_MILLISECONDS);
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearInterval(polling);
      if (status === 0) {
        resolve({ output, polledPeak });
      } else {
        const words = [file.replace(/.*[\\/]/, ""), ...args].join(" ");
        reject(
          new Error(
            `${words} ended with ${signal ?? `exit code ${status}`}\n${errors}${output.slice(0, 2000)}`.trimEnd(),
          ),
        );
      }
    });
  });
}

/**
 * @param {string} pid
 * @returns {number | null} the process's largest resident set so far, in bytes
 */
function peakOf(pid) {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/**
 * @param {string} text output of `times`: user and system time of the shell, then of its children
 * @returns {number} the children's, in seconds
 */
function childTime(text) {
  const [, children = ""] = text.trim().split("\n");
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}
