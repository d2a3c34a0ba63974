/* mimalloc in place of musl's malloc, for everything in the program: linked into its launcher, whose
 * malloc the loader prefers to its own. It is CPython's copy, compiled by itself; what CPython asks of
 * its own heaps there has the plain answers of a build with the interpreter lock.
 */
#define MI_DEBUG 0
#define MI_STAT 0
#define MI_MALLOC_OVERRIDE 1

#include <stdbool.h>
#include <stddef.h>
#include "mimalloc.h"
#include "mimalloc/internal.h"

static void
_PyMem_mi_page_clear_qsbr(mi_page_t *page)
{
    (void)page;
}

static bool
_PyMem_mi_page_is_safe_to_free(mi_page_t *page)
{
    (void)page;
    return true;
}

static bool
_PyMem_mi_page_maybe_free(mi_page_t *page, mi_page_queue_t *queue, bool force)
{
    _mi_page_free(page, queue, force);
    return true;
}

static void
_PyMem_mi_page_reclaimed(mi_page_t *page)
{
    (void)page;
}

static void
_PyMem_mi_heap_collect_qsbr(mi_heap_t *heap)
{
    (void)heap;
}

#include "mimalloc/static.c"
