// Why a transfer failed, in Davy's words. curl gives no times of a failure, so its code tells how far it came.
#pragma once
#include "io/net/http_answer.h"
#include "io/net/transfer.h"

namespace davy::io {

// where: whom it asked, as messages show it.
Error transfer_error(const Transfer&, CURLcode, const HttpReader&, const ports::HttpRequest&, const std::string& where);

}  // namespace davy::io
