// SPDX-License-Identifier: Apache-2.0
#include "serve/http.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <string.h>

enum {
    MOST_HEADERS = 256 << 10,
    KEPT_BUFFER = 1 << 20, // a larger one is given back, lest one large answer a slot is kept for ever
};

// The functions that we use. The names of the table and of the library come from one list.
#define EACH_FUNCTION(X)                                                                                               \
    X(global_init)                                                                                                     \
    X(global_cleanup)                                                                                                  \
    X(easy_init)                                                                                                       \
    X(easy_setopt)                                                                                                     \
    X(easy_getinfo)                                                                                                    \
    X(easy_strerror)                                                                                                   \
    X(easy_cleanup)                                                                                                    \
    X(slist_append)                                                                                                    \
    X(slist_free_all)                                                                                                  \
    X(multi_init)                                                                                                      \
    X(multi_setopt)                                                                                                    \
    X(multi_add_handle)                                                                                                \
    X(multi_remove_handle)                                                                                             \
    X(multi_perform)                                                                                                   \
    X(multi_poll)                                                                                                      \
    X(multi_info_read)                                                                                                 \
    X(multi_cleanup)

#define DECLARE(name) __typeof__(curl_##name) *name;
struct curl_functions {
    EACH_FUNCTION(DECLARE)
};

struct slot {
    CURL *easy;
    struct buf request, reply;
    struct curl_slist *headers;
    char *content_type, *header; // that `headers` say
    size_t header_bytes;
    size_t limit;
    bool too_large, busy;
    double began;
};

struct http {
    struct curl_functions curl;
    bool ready; // global_init was called
    struct http_options options;
    struct error socket_error;
    CURLM *multi;
    struct slot *slots;
};

static int load(struct curl_functions *curl, struct error *err)
{
    // It stays loaded: what it registers to be done at exit must be there then.
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return error_set(err, ERROR_MACHINE, "cannot load libcurl, which asking a server needs (package libcurl4): %s",
                         dlerror());
#define SYMBOL(name) {"curl_" #name, offsetof(struct curl_functions, name)},
    static const struct {
        const char *name;
        size_t offset;
    } symbols[] = {EACH_FUNCTION(SYMBOL)};
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
        void *symbol = dlsym(library, symbols[i].name);
        if (!symbol)
            return error_set(err, ERROR_MACHINE, "this libcurl is too old: it has no %s", symbols[i].name);
        memcpy((char *)curl + symbols[i].offset, &symbol, sizeof symbol);
    }
    dlclose(library);
    return 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct slot *slot = context;
    size_t len = size * count;
    if (len > slot->limit - slot->reply.len) {
        buf_append(&slot->reply, bytes, slot->limit - slot->reply.len);
        slot->too_large = true;
        return 0;
    }
    buf_append(&slot->reply, bytes, len);
    return len;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    struct slot *slot = context;
    slot->header_bytes += size * count;
    slot->too_large |= slot->header_bytes > MOST_HEADERS;
    return slot->too_large ? 0 : size * count;
}

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    struct http *http = context;
    const struct launcher *launcher = http->options.launcher;
    error_free(&http->socket_error);
    int fd = launcher->socket(launcher->context, http->options.served, address->family, &http->socket_error);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int prepare_slot(struct http *http, struct slot *slot, struct error *err)
{
    const struct curl_functions *curl = &http->curl;
    slot->limit = http->options.limit;
    CURL *easy = slot->easy = curl->easy_init();
    if (!easy)
        return error_set(err, ERROR_MACHINE, "libcurl has no memory for a request");
    curl->easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_PROXY, "");
#if LIBCURL_VERSION_NUM >= 0x075500
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
#else
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTP);
#endif
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl->easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl->easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl->easy_setopt(easy, CURLOPT_USERAGENT, "repro");
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, slot);
    curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, http);
    return 0;
}

static void make_multi(struct http *http)
{
    http->multi = http->curl.multi_init();
    if (http->multi)
        http->curl.multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)http->options.slots);
}

int http_open(struct http **out, const struct http_options *options, struct error *err)
{
    struct http *http = mem_alloc(sizeof *http);
    *out = http; // closed by the caller, whatever happens
    http->options = *options;
    http->slots = mem_array(options->slots, sizeof *http->slots);
    if (load(&http->curl, err) < 0)
        return -1;
    if (http->curl.global_init(CURL_GLOBAL_NOTHING) != CURLE_OK)
        return error_set(err, ERROR_MACHINE, "libcurl cannot be set up");
    http->ready = true;
    make_multi(http);
    if (!http->multi)
        return error_set(err, ERROR_MACHINE, "libcurl has no memory for requests");
    for (size_t i = 0; i < options->slots; i++)
        if (prepare_slot(http, &http->slots[i], err) < 0)
            return -1;
    return 0;
}

static void end_requests(struct http *http)
{
    for (size_t i = 0; http->multi && i < http->options.slots; i++) {
        if (http->slots[i].busy)
            http->curl.multi_remove_handle(http->multi, http->slots[i].easy);
        http->slots[i].busy = false;
    }
    if (http->multi)
        http->curl.multi_cleanup(http->multi);
    http->multi = NULL;
}

void http_reset(struct http *http)
{
    end_requests(http);
    make_multi(http);
    error_free(&http->socket_error);
}

void http_close(struct http *http)
{
    if (!http)
        return;
    end_requests(http);
    for (size_t i = 0; i < http->options.slots; i++) {
        struct slot *slot = &http->slots[i];
        if (slot->easy)
            http->curl.easy_cleanup(slot->easy);
        if (slot->headers)
            http->curl.slist_free_all(slot->headers);
        free(slot->content_type);
        free(slot->header);
        buf_free(&slot->request);
        buf_free(&slot->reply);
    }
    if (http->ready)
        http->curl.global_cleanup();
    free(http->slots);
    error_free(&http->socket_error);
    free(http);
}

static void empty(struct buf *buf)
{
    if (buf->cap > KEPT_BUFFER)
        buf_free(buf);
    buf_clear(buf);
}

struct buf *http_body(struct http *http, size_t slot)
{
    empty(&http->slots[slot].request);
    return &http->slots[slot].request;
}

// "Expect: 100-continue" would make curl wait for servers that do not know it.
static void set_headers(struct http *http, struct slot *slot, const struct http_request *request)
{
    if (slot->headers && str_equal(slot->content_type, request->content_type) &&
        str_equal(slot->header, request->header))
        return;
    http->curl.slist_free_all(slot->headers);
    free(slot->content_type);
    free(slot->header);
    slot->content_type = str_dup(request->content_type);
    slot->header = str_dup(request->header);
    CLEANUP(free) char *type = str_printf("Content-Type: %s", request->content_type);
    slot->headers = http->curl.slist_append(NULL, type);
    slot->headers = http->curl.slist_append(slot->headers, "Expect:");
    if (request->header)
        slot->headers = http->curl.slist_append(slot->headers, request->header);
}

void http_begin(struct http *http, size_t index, const struct http_request *request)
{
    struct slot *slot = &http->slots[index];
    const struct curl_functions *curl = &http->curl;
    empty(&slot->reply);
    slot->header_bytes = 0;
    slot->too_large = false;
    slot->busy = true;
    slot->began = clock_seconds();
    curl->easy_setopt(slot->easy, CURLOPT_URL, request->url);
    double milliseconds = request->timeout * 1000;
    curl->easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, milliseconds < 1 ? 1L : (long)milliseconds);
    if (request->post) {
        set_headers(http, slot, request);
        curl->easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)slot->request.len);
        curl->easy_setopt(slot->easy, CURLOPT_POSTFIELDS, buf_text(&slot->request));
        curl->easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
    } else {
        curl->easy_setopt(slot->easy, CURLOPT_HTTPHEADER, NULL);
        curl->easy_setopt(slot->easy, CURLOPT_HTTPGET, 1L);
    }
    curl->multi_add_handle(http->multi, slot->easy);
}

static enum http_end end_of(const struct slot *slot, CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return HTTP_DONE;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_TIMEOUT;
    case CURLE_COULDNT_CONNECT:
        return HTTP_REFUSED;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return HTTP_CLOSED;
    default:
        return slot->too_large ? HTTP_TOO_LARGE : HTTP_BROKEN;
    }
}

static bool take_result(struct http_result *out, struct http *http)
{
    const struct curl_functions *curl = &http->curl;
    int left;
    for (CURLMsg *message; (message = curl->multi_info_read(http->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        char *private = NULL;
        long status = 0;
        curl->easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        curl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl->multi_remove_handle(http->multi, easy);
        struct slot *slot = (struct slot *)(void *)private;
        slot->busy = false;
        *out = (struct http_result){.slot = (size_t)(slot - http->slots),
                                    .end = end_of(slot, code),
                                    .status = (int)status,
                                    .body = buf_text(&slot->reply),
                                    .len = slot->reply.len,
                                    .words = code == CURLE_OK ? NULL : curl->easy_strerror(code),
                                    .seconds = clock_seconds() - slot->began};
        return true;
    }
    return false;
}

bool http_next(struct http_result *out, struct http *http, double seconds)
{
    double deadline = clock_seconds() + seconds;
    if (!http->multi)
        return false;
    for (;;) {
        int running = 0;
        http->curl.multi_perform(http->multi, &running);
        if (take_result(out, http))
            return true;
        double left = deadline - clock_seconds();
        if (running == 0 || left <= 0)
            return false;
        http->curl.multi_poll(http->multi, NULL, 0, left < 1 ? (int)(left * 1000) + 1 : 1000, NULL);
    }
}

const struct error *http_socket_error(const struct http *http)
{
    return http->socket_error.kind == ERROR_NONE ? NULL : &http->socket_error;
}
