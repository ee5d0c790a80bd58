import { defineSwitch } from "./define_meta_command.js";

export const bailSwitch = defineSwitch({
  name: "bail",
  description: "Leave at the first error.",
  setting: "isBailOn",
});

export const echoSwitch = defineSwitch({
  name: "echo",
  description: "Print each statement before its rows.",
  setting: "isEchoOn",
});

export const headersSwitch = defineSwitch({
  name: "headers",
  aliases: ["header"],
  description: "Show the names of the columns.",
  setting: "isHeaderShown",
});

export const pagerSwitch = defineSwitch({
  name: "pager",
  description: "Show what is longer than the window in $PAGER, or less.",
  setting: "isPagerOn",
});

export const timerSwitch = defineSwitch({
  name: "timer",
  description: "Print how long each statement took.",
  setting: "isTimerOn",
});
