#include "tenancy/tenant.h"

namespace quoted::tenancy {

std::string_view tenant_kind_name(TenantKind kind) {
  switch (kind) {
    case TenantKind::kUnidentified:
      return "unidentified";
    case TenantKind::kPod:
      return "pod";
    case TenantKind::kContainer:
      return "container";
    case TenantKind::kUnit:
      return "unit";
    case TenantKind::kUser:
      return "user";
    case TenantKind::kSocket:
      return "socket";
  }
  return "unidentified";
}

std::string Tenant::display_name() const {
  if (pod_name.empty()) return key;
  return pod_namespace + '/' + pod_name;
}

}  // namespace quoted::tenancy
