/** Where the schedule says what happens to it; a pino logger is one. */
export interface ScheduleLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
