/* Finds the GPU and the PIM device and sets their queues up. */
#ifndef AQPIM_APP_DEVICES_H
#define AQPIM_APP_DEVICES_H

#include "run.h"

/* Enumerates PCIe and fills in the queues, the PIM memory's geometry and addresses. Prints what it finds; false, with a
 * message, if a device is missing or refuses its set-up. */
bool open_devices(struct run* run);

#endif
