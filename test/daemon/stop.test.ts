import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import { DaemonHome } from "../live/daemon_process.js";
import { stopFaults } from "./stop_faults.js";
import { printResults, type StopResult, signalLists, stopWithFault } from "./stop_matrix.js";

const base = { capture: { backend: "none" } };
/** Without capture there is nothing that one of these could leave behind: live tests send them all. */
const [term, , , twice] = signalLists;

describe("a daemon without capture ends soon after a signal", () => {
  let home: DaemonHome;
  const results: StopResult[] = [];
  beforeEach(() => {
    home = new DaemonHome();
  });
  afterEach(() => home.remove());
  after(() => printResults("fault, signals (without capture)", results));

  for (const fault of stopFaults) {
    for (const signals of [term ?? [], twice ?? []]) {
      test(`with ${fault.name}, by ${signals.join(" and ")}`, async () => {
        const result = await stopWithFault(fault, signals, { home, base });
        results.push(result);
        assert.ok([0, 75].includes(result.status ?? -1), `status ${result.status}`);
      });
    }
  }
});
