#include "path_record.h"

#include "fast_path_reader.h"
#include "record.h"

namespace auditql {
namespace {

uint32_t unsigned_value(std::string_view text) {
  return static_cast<uint32_t>(parse_unsigned(text).value_or(0));
}

/// `dev=fe:00`: major and minor in hex (MAJOR_HEX:MINOR_HEX).
void set_device(std::string_view text, PathItem& item) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return;
  item.device_major = static_cast<uint32_t>(parse_hex_number(text.substr(0, colon)).value_or(0));
  item.device_minor = static_cast<uint32_t>(parse_hex_number(text.substr(colon + 1)).value_or(0));
}

void set_name(std::string_view value, PathItem& item, ByteArena& arena) {
  const auto name = decode_text(value, arena);
  item.has_name = name.has_value();
  item.name = name.value_or(std::string_view());
}

void set_field(const Field& field, PathItem& item, ByteArena& arena) {
  const std::string_view name = field.name;
  if (name == "item") {
    item.item = static_cast<int32_t>(unsigned_value(field.value));
  } else if (name == "name") {
    set_name(field.value, item, arena);
  } else if (name == "inode") {
    item.inode = parse_unsigned(field.value).value_or(0);
    item.has_inode = true;
  } else if (name == "dev") {
    set_device(field.value, item);
  } else if (name == "mode") {
    item.mode = static_cast<uint32_t>(parse_octal(field.value).value_or(0));
  } else if (name == "ouid") {
    item.owner_uid = parse_id(field.value);
  } else if (name == "ogid") {
    item.owner_gid = parse_id(field.value);
  } else if (name == "nametype" || name == "objtype") {  // objtype: Linux 3.7 to 4.13
    item.nametype = field.value;
  }
}

/// The order of Linux 3.10 to 6.18. False when it is another: a name that was not found has neither
/// inode nor owner.
bool read_predicted_path(std::string_view body, PathItem& item, ByteArena& arena) {
  FastPathReader reader(body);
  item.item = static_cast<int32_t>(reader.decimal("item="));
  const std::string_view name = reader.text(" name=");
  item.inode = reader.decimal(" inode=");
  item.device_major = static_cast<uint32_t>(reader.hex(" dev="));
  item.device_minor = static_cast<uint32_t>(reader.hex(":"));
  item.mode = static_cast<uint32_t>(reader.octal(" mode="));
  item.owner_uid = reader.id(" ouid=");
  item.owner_gid = reader.id(" ogid=");
  reader.hex(" rdev=");
  reader.hex(":");
  const std::string_view nametype = reader.text(" nametype=");
  if (reader.failed()) return false;
  item.has_inode = true;
  item.nametype = nametype;
  set_name(name, item, arena);
  return true;
}

}  // namespace

PathItem parse_path(std::string_view body, ByteArena& arena) {
  PathItem item;
  if (read_predicted_path(body, item, arena)) return item;
  item = {};
  FieldReader reader(body);
  for (Field field; reader.next(field);) {
    set_field(field, item, arena);
    if (!item.nametype.empty()) break;  // only file capabilities follow
  }
  return item;
}

}  // namespace auditql
