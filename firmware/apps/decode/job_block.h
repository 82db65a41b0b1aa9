/* The job that the platform asks for. */
#ifndef AQPIM_APP_JOB_BLOCK_H
#define AQPIM_APP_JOB_BLOCK_H

#include "aqpim/job.h"

/* The job block named by the device tree; null, with a message, if there is none or it cannot be carried out. */
struct aqpim_job* find_job(void);

#endif
