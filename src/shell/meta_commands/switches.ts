import { defineSwitch } from "./define_meta_command.js";

export const bailSwitch = defineSwitch({
  name: "bail",
  description: "Exit at the first error.",
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
  description: "Show long results in $PAGER. Default: less.",
  setting: "isPagerOn",
});

export const timerSwitch = defineSwitch({
  name: "timer",
  description: "Print the run time of each statement.",
  setting: "isTimerOn",
});
