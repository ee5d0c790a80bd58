#pragma once

#include <signal.h>

#include <cstdio>

#include "system/result.h"

/// Until SIGTERM or SIGINT, which is blocked in every thread from the first call on.
inline sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

inline int print_failure(const auditql::Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return 1;
}
