/**
 * fast-check with one seed, so that a commit passes or fails each time it is tested. `FC_SEED=7 npm run test:all` takes
 * another one: worth a while on a free machine.
 */
import { configureGlobal, readConfigureGlobal } from "fast-check";

configureGlobal({ ...readConfigureGlobal(), seed: Number(process.env["FC_SEED"] ?? 1) });

export * from "fast-check";
