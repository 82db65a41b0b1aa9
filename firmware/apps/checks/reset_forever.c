/* Resets the machine again and again. */
#include "aqpim/memory_map.h"
#include "aqpim/sdk/board.h"
#include "aqpim/sdk/mmio.h"

int main(void) {
    aqpim_write32(aqpim_board.finisher, AQPIM_FINISHER_RESET);
    for (;;) {
    }
}
