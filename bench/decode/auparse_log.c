/* auparse_log LOG: how many audit records a second libauparse takes apart, on one thread. It makes
 * no typed events: every field is visited as text, as auparse_next_field(3) gives it. Prints a JSON
 * object. */
#include <auparse.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static char* read_whole(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  rewind(file);
  char* text = malloc((size_t)size + 1);
  if (text != NULL) text[fread(text, 1, (size_t)size, file)] = '\0';
  fclose(file);
  return text;
}

int main(int argc, char** argv) {
  char* log = argc == 2 ? read_whole(argv[1]) : NULL;
  if (log == NULL) return fprintf(stderr, "usage: auparse_log LOG\n"), 2;
  unsigned long records = 0, events = 0, bytes = 0;
  const double start = now();
  auparse_state_t* state = auparse_init(AUSOURCE_BUFFER, log);
  while (auparse_next_event(state) > 0) {
    events++;
    auparse_first_record(state);
    do {
      records++;
      auparse_first_field(state);
      do {
        const char* value = auparse_get_field_str(state);
        if (value != NULL) bytes += (unsigned char)*value;
      } while (auparse_next_field(state) > 0);
    } while (auparse_next_record(state) > 0);
  }
  auparse_destroy(state);
  const double took = now() - start;
  printf("{\"records\":%lu,\"events\":%lu,\"seconds\":%.6f}\n", records, events, took);
  free(log);
  return bytes == 0;
}
