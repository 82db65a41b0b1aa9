/* Loads from where nothing is; the SDK's trap handler reports it. */
#include "unmapped.h"
#include "aqpim/sdk/mmio.h"

int main(void) {
    return (int)aqpim_read32(UNMAPPED_ADDRESS);
}
