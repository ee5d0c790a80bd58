import type { PublishConfig } from "../../src/config/config.js";
import { type CaptureFacts, describeCapture } from "../../src/daemon/describe_capture.js";
import type { CaptureReport, CaptureState } from "../../src/native/capture_state.js";

export const unpublished: PublishConfig = {
  categories: [],
  excludes: [],
  fileEvents: null,
  processFileEvents: false,
  syslog: null,
  devices: { disabledTypes: "" },
};

export const fullReport: CaptureReport = {
  processes: "on",
  sockets: "on",
  files: "on",
  records: "on",
  problems: [],
};

/** Facts of a daemon that captures with audit, without a problem. */
export const auditFacts: CaptureFacts = {
  host: "web-1",
  now: "2026-01-02T03:04:05.000Z",
  wanted: "auto",
  publish: unpublished,
  status: { backend: "audit", unavailable: [] },
  report: fullReport,
  sourceProblems: [],
  refusal: null,
};

/** The state of capture that these facts come to. */
export function captureState(facts: Partial<CaptureFacts> = {}): CaptureState {
  return describeCapture({ ...auditFacts, ...facts }, null);
}
