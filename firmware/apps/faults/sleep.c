/* Sleeps with no interrupt enabled: nothing can wake it. */
#include "aqpim/sdk/interrupt.h"

int main(void) {
    for (;;) {
        aqpim_sleep();
    }
}
