/* Loads from where nothing is, and its trap handler is nowhere either: the hart traps for ever. */
#include "aqpim/sdk/mmio.h"
#include "unmapped.h"

int main(void) {
    __asm__ volatile("csrw mtvec, zero");
    return (int)aqpim_read32(UNMAPPED_ADDRESS);
}
