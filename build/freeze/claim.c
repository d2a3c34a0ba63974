/* A launcher's folder says from its first moment that somebody lives in it; linked into both launchers
 * with the linker's --wrap.
 *
 * The lock goes on to all that the launcher starts, and is free when the last of them has ended,
 * however that came about. ferrox/frozen.py removes folders whose file says who made it while nobody
 * holds its lock: one that is still empty is being locked at this moment.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

char *__real_mkdtemp(char *template);

char *
__wrap_mkdtemp(char *template)
{
    char *folder = __real_mkdtemp(template);
    int inside = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (inside >= 0) {
        /* Never closed. Where this fails the program runs all the same, and nobody sweeps after it. */
        int lock = openat(inside, "ferroxd.lock", O_RDWR | O_CREAT | O_EXCL, 0600);
        if (lock >= 0 && flock(lock, LOCK_SH) == 0)
            dprintf(lock, "%d\n", (int)getpid());
        close(inside);
    }
    return folder;
}
