/* SPDX-License-Identifier: GPL-2.0 */
#ifndef QRING_KCONFIG_H
#define QRING_KCONFIG_H
#endif
