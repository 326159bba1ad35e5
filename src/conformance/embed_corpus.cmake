# cmake -DFILES="<a> <b>" -DOUTPUT=<file.cpp> -P embed_corpus.cmake
# A C++ file with the text of each file as a raw string; the compiler's limit on one literal is
# met by making one of every line.
set(entries "")
set(texts "")
set(index 0)
separate_arguments(FILES)
foreach(file IN LISTS FILES)
  file(READ "${file}" content)
  if(content MATCHES "\\)corpus\"")
    message(FATAL_ERROR "${file} holds the mark that ends a raw string")
  endif()
  get_filename_component(name "${file}" NAME)
  string(REPLACE "\n" "\n)corpus\"\nR\"corpus(" content "${content}")
  string(APPEND texts "constexpr std::string_view kFile${index} =\nR\"corpus(${content})corpus\";\n")
  string(APPEND entries "    {\"${name}\", kFile${index}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUTPUT}.new" "#include \"conformance/embedded_corpus.h\"\n
#include <array>\n
namespace quoted::conformance {
namespace {\n
${texts}
constexpr auto kClients = std::to_array<EmbeddedClient>({
${entries}});\n
}  // namespace\n
std::span<const EmbeddedClient> embedded_corpus() { return kClients; }\n
}  // namespace quoted::conformance\n")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
