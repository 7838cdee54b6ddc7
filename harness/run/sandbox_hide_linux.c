// SPDX-License-Identifier: Apache-2.0
//
// What a run does not get to see: private folders, the devices that it cannot need, and the Unix sockets of the
// machine.
#include "run/sandbox_plan.h"

#include "base/buf.h"
#include "base/fs.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define SOCKETS_MAX 1024

bool sandbox_is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/')
        len--;
    if (len == 1 && *folder == '/')
        return *path == '/';
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool sandbox_is_hidden(const struct sandbox *sandbox, const char *path)
{
    for (size_t i = 0; i < sandbox->hide.count; i++)
        if (sandbox_is_below(path, sandbox->hide.items[i]))
            return true;
    return false;
}

// A folder without which nothing works is not hidden, whatever HOME says.
static bool may_be_hidden(const char *path)
{
    static const char *const needed[] = {"/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/proc", "/sys", "/dev"};
    if (*path != '/' || !fs_is_folder(path))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (sandbox_is_below(needed[i], path) || sandbox_is_below(path, needed[i]))
            return false;
    return true;
}

void sandbox_plan_hidden(struct sandbox *sandbox, const struct strings *hide)
{
    CLEANUP(strings) struct strings wanted = {0};
    strings_add(&wanted, "/tmp");
    for (size_t i = 0; hide && i < hide->count; i++) {
        struct error ignored = {0};
        char *real = NULL;
        if (may_be_hidden(hide->items[i]) && fs_realpath(&real, hide->items[i], &ignored) == 0 && may_be_hidden(real))
            strings_take(&wanted, real);
        else
            free(real);
        error_free(&ignored);
    }
    strings_sort(&wanted);
    for (size_t i = 0; i < wanted.count; i++) // in byte order a folder comes before what is below it
        if (!sandbox_is_hidden(sandbox, wanted.items[i]))
            strings_add(&sandbox->hide, wanted.items[i]);
}

// What a run may need of /dev; disks, terminals and the kernel's own memory are not among it.
static const char *const devices[] = {"null", "zero",    "full", "random", "urandom", "tty", "dri",
                                      "kfd",  "nvidia*", "dxg",  "accel*", "neuron*", NULL};

void sandbox_devices(struct strings *out)
{
    DIR *list = opendir("/dev");
    for (const struct dirent *item; list && (item = readdir(list));)
        for (size_t i = 0; devices[i]; i++)
            if (str_glob(devices[i], item->d_name))
                strings_printf(out, "/dev/%s", item->d_name);
    if (list)
        closedir(list);
}

void sandbox_add_mask(struct sandbox *sandbox, char *path, bool folder)
{
    sandbox->masks = mem_grow(sandbox->masks, sandbox->mask_count, &sandbox->mask_capacity, sizeof *sandbox->masks);
    sandbox->masks[sandbox->mask_count++] = (struct sandbox_mask){.path = path, .folder = folder};
}

// A socket can be connected to on a read-only mount, and whoever may talk to a daemon may do what that does. The kernel
// lists those of this network namespace; one that sssd listens on tells no more than the names of users.
void sandbox_plan_sockets(struct sandbox *sandbox)
{
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(strings) struct strings paths = {0};
    struct error ignored = {0};
    if (fs_read(&text, "/proc/net/unix", 0, &ignored) != 0)
        error_free(&ignored);
    for (const char *line = buf_text(&text); *line;) {
        size_t len = strcspn(line, "\n");
        const char *path = memchr(line, '/', len); // the last column; the others are numbers
        if (path && path[-1] == ' ')
            strings_take(&paths, str_ndup(path, (size_t)(line + len - path)));
        line += len + (line[len] == '\n');
    }
    strings_sort(&paths);
    strings_unique(&paths);
    for (size_t i = 0; i < paths.count && i < SOCKETS_MAX; i++) {
        struct stat st;
        const char *path = paths.items[i];
        if (!sandbox_is_hidden(sandbox, path) && !sandbox_is_below(path, "/var/lib/sss") && lstat(path, &st) == 0 &&
            S_ISSOCK(st.st_mode))
            sandbox_add_mask(sandbox, str_dup(path), false);
    }
}
