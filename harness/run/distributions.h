// SPDX-License-Identifier: Apache-2.0
//
// Python's installed distributions, from what their installers left beside them in site-packages or dist-packages:
// NAME-VERSION.dist-info with METADATA and RECORD, NAME-VERSION.egg-info (a folder with PKG-INFO, top_level.txt and
// perhaps installed-files.txt, or PKG-INFO itself as a file), NAME-VERSION.egg/EGG-INFO. No Python is started.
#ifndef REPRO_RUN_DISTRIBUTIONS_H
#define REPRO_RUN_DISTRIBUTIONS_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

// True for a file that lies in a site-packages or dist-packages.
bool distributions_is_file(const char *path);

// Sets NAME → VERSION for each distribution of which one of `files` is a part; NAME as distributions_name has it, two
// versions as "1.0, 1.1". A file of the distribution's own metadata and a .pth, which Python reads at every start, say
// nothing about what was used. What of `files` no distribution claims goes to `rest`, sorted. A distribution owns what
// its RECORD or installed-files.txt lists; one without such a list, the modules that its top_level.txt names, else the
// module of its own name. `files` are absolute below `root`; a program in a `bin` beside may be among them.
void distributions_find(struct pairs *out, struct strings *rest, const char *root, const struct strings *files);

// The name in the spelling in which two are compared: "Scikit_Learn" gives "scikit-learn". The caller frees.
char *distributions_name(const char *name, size_t len);

// Name and version in METADATA or PKG-INFO: the first of each among the lines before the first empty one. NULL for one
// that is not there or that is no plain word. The caller frees both.
void distributions_metadata(char **name, char **version, const char *text, size_t len);

// Appends the paths that a RECORD lists: the first field of each line, which may stand in quotes.
void distributions_record(struct strings *out, const char *text, size_t len);

#endif
