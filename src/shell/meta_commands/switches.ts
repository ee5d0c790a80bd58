import { defineSwitch } from "./define_meta_command.js";

export const bailSwitch = defineSwitch(
  { name: "bail", description: "Leave at the first error." },
  (session, isOn) => {
    session.settings.isBailOn = isOn;
  },
);

export const echoSwitch = defineSwitch(
  { name: "echo", description: "Print each statement before its rows." },
  (session, isOn) => {
    session.settings.isEchoOn = isOn;
  },
);

export const headersSwitch = defineSwitch(
  { name: "headers", aliases: ["header"], description: "Show the names of the columns." },
  (session, isOn) => {
    session.settings.isHeaderShown = isOn;
  },
);

export const pagerSwitch = defineSwitch(
  { name: "pager", description: "Show what is longer than the window in $PAGER, or less." },
  (session, isOn) => {
    session.settings.isPagerOn = isOn;
  },
);

export const timerSwitch = defineSwitch(
  { name: "timer", description: "Print how long each statement took." },
  (session, isOn) => {
    session.settings.isTimerOn = isOn;
  },
);
