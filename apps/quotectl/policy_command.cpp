// quotectl policy: looks at policies before they decide anything.
#include <memory>

#include "quotectl/commands.h"
#include "quotectl/policy_commands.h"

namespace quoted::quotectl {
namespace {

void add_check(CLI::App& policy, Action& chosen) {
  auto options = std::make_shared<PolicyCheckOptions>();
  CLI::App* const command = policy.add_subcommand(
      "check", "Find the mistakes in policies, and say in plain sentences what each means");
  command->footer(
      "A mistake is named by file:line:column, what was observed and what to write instead. "
      "Besides\n"
      "misspelt keys and values these are: policies that nothing can pass, that let pass more "
      "than\n"
      "can be meant, and of which a part has no effect.\n"
      "Exit code: 0 every policy is good, 2 one has mistakes, 3 one cannot be read.\n"
      "docs/policy.md explains every key.");
  command->add_option("FILE", options->files, "The policies, TOML")->type_name("")->required();
  command->callback(
      [options, &chosen] { chosen = [options] { return check_policies(*options); }; });
}

void add_test(CLI::App& policy, Action& chosen) {
  auto options = std::make_shared<PolicyTestOptions>();
  CLI::App* const command = policy.add_subcommand(
      "test", "Apply a policy to recorded verdicts, and say which it refuses by which rule");
  command->footer(
      "A recorded verdict is what 'quotectl verify --json' printed, with or without --policy. "
      "Record\n"
      "those of debug enclaves with --allow-debug, else they are refused before the policy is "
      "asked.\n"
      "Exit code: without --expect 0 when every verdict is accepted and 2 when one is refused; "
      "with it\n"
      "0 when every verdict is decided so and 2 when one is not; 3 when something cannot be read.");
  command->add_option("POLICY", options->policy, "The policy, TOML")->type_name("")->required();
  command
      ->add_option("VERDICT", options->verdicts,
                   "Recorded verdicts, or directories whose *.json files are")
      ->type_name("")
      ->required();
  command->add_option("--expect", options->expect, "What the policy must say of every verdict")
      ->type_name("accept|refuse")
      ->check(CLI::IsMember({"accept", "refuse"}));
  command->callback([options, &chosen] { chosen = [options] { return test_policy(*options); }; });
}

}  // namespace

void add_policy_command(CLI::App& app, Action& chosen) {
  CLI::App* const policy =
      app.add_subcommand("policy", "Check appraisal policies, and test them on recorded verdicts");
  add_check(*policy, chosen);
  add_test(*policy, chosen);
}

}  // namespace quoted::quotectl
