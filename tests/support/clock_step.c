/* Preloaded into a node under test: moves its wall clock by the milliseconds that stand in the shared file
 * DUNLIN_CLOCK_STEP_FILE (8 bytes, host order). Other clocks are untouched. Linux, any thread. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *step_ms;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void prepare(void) {
  const char *file = getenv("DUNLIN_CLOCK_STEP_FILE");
  real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  const int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (page != MAP_FAILED) step_ms = (const volatile int64_t *)page;
}

int clock_gettime(clockid_t id, struct timespec *now) {
  if (!real_clock_gettime) prepare();
  const int status = real_clock_gettime(id, now);
  if (status == 0 && id == CLOCK_REALTIME && step_ms) {
    now->tv_sec += *step_ms / 1000;
    now->tv_nsec += *step_ms % 1000 * 1000000;
    if (now->tv_nsec >= 1000000000) ++now->tv_sec, now->tv_nsec -= 1000000000;
    if (now->tv_nsec < 0) --now->tv_sec, now->tv_nsec += 1000000000;
  }
  return status;
}
