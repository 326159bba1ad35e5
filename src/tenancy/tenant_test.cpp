#include "tenancy/tenant.h"

#include <gtest/gtest.h>

namespace quoted::tenancy {
namespace {

TEST(TenantTest, IsUnidentifiedUnlessSaidOtherwise) {
  const Tenant nobody;
  EXPECT_EQ(nobody.kind, TenantKind::kUnidentified);
  EXPECT_EQ(nobody.display_name(), "unidentified");
}

TEST(TenantTest, IsCalledByNamespaceAndNameOnceTheyAreKnown) {
  Tenant pod;
  pod.kind = TenantKind::kPod;
  pod.key = "pod:0b5d";
  EXPECT_EQ(pod.display_name(), "pod:0b5d");
  pod.pod_namespace = "team-a";
  pod.pod_name = "web-0";
  EXPECT_EQ(pod.display_name(), "team-a/web-0");
}

}  // namespace
}  // namespace quoted::tenancy
