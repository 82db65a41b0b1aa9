/* Every hart counts; hart 0 waits for the others, as many as the device tree names, and tells the sum. */
#include <stdatomic.h>
#include <stdio.h>

#include "aqpim/sdk/board.h"

enum { ROUNDS = 1000, MOST_HARTS = 8 };

static atomic_uint sum;
static atomic_uint arrived;
static unsigned long seen[MOST_HARTS];

static void count(unsigned long hart) {
    seen[hart] = hart + 1;
    for (unsigned round = 0; round < ROUNDS; round++) {
        atomic_fetch_add(&sum, 1);
    }
    atomic_fetch_add(&arrived, 1);
}

void aqpim_secondary_main(unsigned long hart) {
    count(hart);
}

static unsigned harts_of_machine(void) {
    char path[] = "/cpus/cpu@0";
    unsigned harts = 0;
    while (harts < MOST_HARTS && aqpim_fdt_find(&aqpim_board.fdt, path) != AQPIM_FDT_NONE) {
        path[sizeof path - 2] = (char)('0' + ++harts);
    }
    return harts;
}

int main(unsigned long hart) {
    const unsigned harts = harts_of_machine();
    count(hart);
    while (atomic_load(&arrived) != harts) {
    }
    for (unsigned i = 0; i < harts; i++) {
        if (seen[i] != i + 1) {
            return 1;
        }
    }
    printf("%u harts counted to %u\n", harts, atomic_load(&sum));
    return atomic_load(&sum) == harts * ROUNDS ? 0 : 2;
}
