import { describeBuilds } from "./builds.ts";

describeBuilds("npm");
