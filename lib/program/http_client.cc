#include "program/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace besa::program {
namespace {

struct CurlClose {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Curl = std::unique_ptr<CURL, CurlClose>;
using Headers = std::unique_ptr<curl_slist, CurlClose>;

std::size_t take_body(char* data, std::size_t one, std::size_t count, void* into) {
  auto& body = *static_cast<std::string*>(into);
  const std::size_t size = one * count;
  if (body.size() + size > kHttpBodyBytes) return 0;  // ends the transfer with an error
  body.append(data, size);
  return size;
}

bool is_target(std::string_view target) {
  return !target.empty() && target.front() == '/' &&
         std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

base::Error failure(CURL* curl, CURLcode code, const std::string& path) {
  long os_error = 0;
  curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error);
  if (code == CURLE_COULDNT_CONNECT && (os_error == EACCES || os_error == EPERM)) {
    return {base::ErrorKind::denied, path + " belongs to another user"};
  }
  if (code == CURLE_COULDNT_CONNECT) {
    return {base::ErrorKind::unavailable, "nobody listens on " + path + "; is the daemon running?"};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) return {base::ErrorKind::unavailable, "no answer in time on " + path};
  if (code == CURLE_WRITE_ERROR) return {base::ErrorKind::malformed, "the answer on " + path + " is too long"};
  if (code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) {
    return {base::ErrorKind::unavailable, "the connection on " + path + " was closed without an answer"};
  }
  return {base::ErrorKind::malformed, std::string{"not a proper answer on "} + path + ": " + curl_easy_strerror(code)};
}

void set_up(CURL* curl, const std::string& path, const std::string& url, const std::string& method,
            std::string_view body, std::uint32_t timeout_ms) {
  curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path.c_str());
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  if (method != "GET") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data() == nullptr ? "" : body.data());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
}

}  // namespace

base::Result<HttpResponse> HttpClient::request(std::string_view method, const std::string& target,
                                               std::string_view body, std::uint32_t timeout_ms) const {
  if (!is_target(target)) return base::fail(base::ErrorKind::malformed, "not a path of a request: it needs encoding");
  const Curl curl(curl_easy_init());
  if (!curl) return base::fail(base::ErrorKind::full, "no memory for a request");
  const std::string url = "http://localhost" + target;
  const std::string verb{method};
  set_up(curl.get(), socket_path_, url, verb, body, timeout_ms);
  const Headers headers(curl_slist_append(nullptr, "Content-Type: application/json"));
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  HttpResponse response;
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &response.body);

  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return tl::unexpected(failure(curl.get(), code, socket_path_));
  long status = 0;
  const char* type = nullptr;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_TYPE, &type);
  response.status = static_cast<unsigned>(status);
  response.content_type = type == nullptr ? "" : type;
  return response;
}

std::string url_encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

}  // namespace besa::program
