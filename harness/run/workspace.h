// SPDX-License-Identifier: Apache-2.0
//
// The folder in which a run works: a copy-on-write view of the project's work tree, so that training never touches the
// user's files. Overlay where the kernel lets us; a reflinked copy where the file system can; a plain copy elsewhere.
// Or another folder altogether (`source`: a commit or a golden's bundle checked out), which is seen the same way.
#ifndef REPRO_RUN_WORKSPACE_H
#define REPRO_RUN_WORKSPACE_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/manifest.h"

enum workspace_kind { WORKSPACE_AUTO, WORKSPACE_OVERLAY, WORKSPACE_REFLINK, WORKSPACE_COPY };
const char *workspace_kind_name(enum workspace_kind kind);

struct workspace;

struct workspace_options {
    const char *source; // absolute: the project's root, or a folder that was checked out
    const char *folder; // absolute: a private folder of this run; made; upper, work, copy, home and tmp go below it
    enum workspace_kind kind; // AUTO: overlay when `overlay`, else reflink, else copy
    bool overlay;             // the sandbox can mount one (sandbox_probe)
};
// `.git`, `.repro` are not copied; in an overlay they are hidden by the sandbox.
int workspace_open(struct workspace **out, const struct workspace_options *options, struct error *err);
// Removes upper, work, copy, home and tmp (also folders that the run made unreadable).
void workspace_free(struct workspace *workspace);
DEFINE_CLEANUP(workspace)

enum workspace_kind workspace_kind(const struct workspace *workspace); // never AUTO
const char *workspace_lower(const struct workspace *workspace);        // NULL without overlay
const char *workspace_upper(const struct workspace *workspace);
const char *workspace_work(const struct workspace *workspace);
const char *workspace_copy(const struct workspace *workspace); // NULL with overlay
const char *workspace_home(const struct workspace *workspace);
const char *workspace_tmp(const struct workspace *workspace);

// After the run: the regular files and symbolic links that it wrote or changed (sorted, sizes but no digests), and the
// files of the source that it removed. A file that was written with the bytes and the mtime it had counts as written
// with an overlay only.
int workspace_written(struct file_list *written, struct strings *removed, struct workspace *workspace,
                      struct error *err);
// The folder in which the files that workspace_written lists are found (the upper layer, or the copy).
const char *workspace_outputs(const struct workspace *workspace);

#endif
