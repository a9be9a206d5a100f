/* SPDX-License-Identifier: 0BSD */
/*
 * What the calls of CMSIS-NN share. Its headers (CMSIS_NN_ROOT/Include) and library are the user's.
 */
#ifndef BC_CMSIS_H
#define BC_CMSIS_H

#include "barecast/bc.h"

/*
 * A call whose status says no more than that its arguments are good. They are constants that barecast has checked,
 * so a release ignores it; a build that wants to know defines BC_CMSIS, for an assertion or a trap.
 */
#ifndef BC_CMSIS
#define BC_CMSIS(call) ((void)(call))
#endif

#endif
