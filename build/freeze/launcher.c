/* What staticx's launcher does differently in ferroxd; linked into it with the linker's --wrap.
 *
 * - It finds itself without /proc, by what the kernel told this process about its own file.
 * - What it starts ends with it, even when it is killed: the kernel sees to that.
 * - SIGHUP and SIGQUIT are handed on as SIGINT and SIGTERM are.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

int __real_open(const char *path, int flags, ...);
char *__real_realpath(const char *path, char *resolved);
pid_t __real_fork(void);
int __real_sigaction(int signum, const struct sigaction *action, struct sigaction *old);

static const char *
located(const char *path)
{
    const char *program = (const char *)getauxval(AT_EXECFN);
    if (program && strcmp(path, "/proc/self/exe") == 0 && access(path, F_OK) != 0)
        return program;
    return path;
}

int
__wrap_open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return __real_open(located(path), flags, mode);
}

char *
__wrap_realpath(const char *path, char *resolved)
{
    return __real_realpath(located(path), resolved);
}

pid_t
__wrap_fork(void)
{
    pid_t parent = getpid();
    pid_t child = __real_fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(128 + SIGKILL);
    }
    return child;
}

int
__wrap_sigaction(int signum, const struct sigaction *action, struct sigaction *old)
{
    if (signum == SIGTERM) {
        __real_sigaction(SIGHUP, action, NULL);
        __real_sigaction(SIGQUIT, action, NULL);
    }
    return __real_sigaction(signum, action, old);
}
