#include "core/config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace postern::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kMinimal = R"(vault:
  path: /var/lib/postern/vault
accounts:
  - name: alice
    source: {host: imap.old.example, user: alice@old.example, password_file: /run/secrets/alice-old}
    target: {host: imap.new.example, user: alice@new.example, password_file: /run/secrets/alice-new}
)";

std::vector<std::string> mistakes_of(const std::string& text) {
  const Loaded loaded = load_text(text, "/etc/postern/p.yaml");
  std::vector<std::string> lines;
  for (const Mistake& mistake : loaded.mistakes) lines.push_back(mistake.to_string());
  EXPECT_EQ(loaded.config.has_value(), !has_errors(loaded.mistakes)) << text;
  return lines;
}

/// The minimal file with one account whose source holds `keys` besides a host.
std::string with_source(const std::string& keys) {
  return "vault: {path: /v}\naccounts:\n  - name: alice\n    source: {host: h, " + keys + "}\n";
}

Config config_of(const std::string& text) {
  Loaded loaded = load_text(text, "/etc/postern/p.yaml");
  EXPECT_THAT(loaded.mistakes, IsEmpty()) << text << loaded.mistakes[0].to_string();
  return loaded.config.value_or(Config{});
}

TEST(LoadTest, TheMinimalFileOfThePageGivesTheDocumentedDefaults) {
  const Config config = config_of(kMinimal);
  EXPECT_EQ(config.vault_path, "/var/lib/postern/vault");
  ASSERT_EQ(config.accounts.size(), 1U);
  const Account& alice = config.accounts[0];
  EXPECT_EQ(alice.name, "alice");
  EXPECT_EQ(alice.source.host, "imap.old.example");
  EXPECT_EQ(alice.source.port, 993);
  EXPECT_EQ(alice.source.tls, Tls::implicit);
  EXPECT_EQ(alice.source.user, "alice@old.example");
  EXPECT_EQ(alice.source.password.kind, SecretSource::Kind::file);
  EXPECT_EQ(alice.source.password.name, "/run/secrets/alice-old");
  EXPECT_EQ(alice.source.connections, 2U);
  EXPECT_EQ(alice.source.auth, Auth::automatic);
  ASSERT_TRUE(alice.target.has_value());
  EXPECT_EQ(alice.target->user, "alice@new.example");
  EXPECT_FALSE(alice.every.has_value());
  EXPECT_EQ(alice.flag_sweep, std::chrono::hours(1));
  EXPECT_EQ(alice.deletes, Deletes::keep);
  EXPECT_FALSE(config.listen.has_value());
  EXPECT_EQ(config.compression.level, 3);
  EXPECT_TRUE(config.compression.dictionary);
  EXPECT_EQ(config.limits.accounts, 16U);
  EXPECT_EQ(config.limits.memory, 64U << 20);
}

TEST(LoadTest, ReadsEveryKey) {
  const Config config = config_of(R"(vault: {path: vault, compression: {level: 9, dictionary: false}}
listen: 127.0.0.1:9187
limits: {accounts: 3, memory: 32}
log: {level: debug, format: json}
accounts:
  - name: bob
    schedule: {every: 1h30m}
    deletes: keep
    delete_source: after_verified
    grace: 30d
    source:
      protocol: imap
      host: 127.0.0.1
      port: 1143
      tls: none
      user: bob
      authorize_as: carol
      password_command: [pass, show, mail/bob]
      auth: plain
      connections: 4
      profile: generic
      compress: true
      disable: [condstore, COMPRESS=DEFLATE]
      mailboxes: {include: ["*"], exclude: [Trash]}
      flag_sweep: 5m
    target: {host: imap.example, tls: starttls, tls_ca_file: ca.pem, user: bob, password_env: BOB}
)");
  EXPECT_EQ(config.vault_path, "/etc/postern/vault");
  EXPECT_EQ(config.compression.level, 9);
  EXPECT_FALSE(config.compression.dictionary);
  ASSERT_TRUE(config.listen.has_value());
  EXPECT_EQ(config.listen->host, "127.0.0.1");
  EXPECT_EQ(config.listen->port, 9187);
  EXPECT_EQ(config.limits.accounts, 3U);
  EXPECT_EQ(config.limits.memory, 32U << 20);
  EXPECT_EQ(config.log.level, log::Level::debug);
  EXPECT_EQ(config.log.format, log::Format::json);
  const Account& bob = config.accounts.at(0);
  EXPECT_EQ(bob.every, std::chrono::minutes(90));
  EXPECT_EQ(bob.source.tls, Tls::none);
  EXPECT_EQ(bob.source.port, 1143);
  EXPECT_EQ(bob.source.authorize_as, "carol");
  EXPECT_THAT(bob.source.password.argv, ElementsAre("pass", "show", "mail/bob"));
  EXPECT_EQ(bob.source.auth, Auth::plain);
  EXPECT_EQ(bob.source.connections, 4U);
  EXPECT_EQ(bob.source.profile, Profile::generic);
  EXPECT_TRUE(bob.source.compress);
  EXPECT_FALSE(bob.target->compress);
  EXPECT_THAT(bob.source.disable, ElementsAre("CONDSTORE", "COMPRESS=DEFLATE"));
  EXPECT_THAT(bob.mailboxes.exclude, ElementsAre("Trash"));
  EXPECT_EQ(bob.flag_sweep, std::chrono::minutes(5));
  EXPECT_EQ(bob.delete_source, std::chrono::hours(30 * 24));
  EXPECT_EQ(bob.target->port, 143);
  EXPECT_EQ(bob.target->tls_ca_file, "/etc/postern/ca.pem");
  EXPECT_EQ(bob.target->password.kind, SecretSource::Kind::environment);
}

TEST(LoadTest, ReportsEveryMistakeWithItsPlaceNotOnlyTheFirst) {
  EXPECT_THAT(mistakes_of(R"(vault:
  pth: /v
acounts: []
accounts:
  - name: alice
    source: {hots: imap.example, user: a, password_file: /s, port: many}
    schedule: {every: 5}
  - name: alice
    source: {host: h, user: a, password_file: /s, tls: strattls}
)"),
              ElementsAre("/etc/postern/p.yaml:2:3: vault: unknown key 'pth'; did you mean 'path'?",
                          "/etc/postern/p.yaml:2:3: vault: the key 'path' is missing",
                          "/etc/postern/p.yaml:3:1: unknown key 'acounts'; did you mean 'accounts'?",
                          "/etc/postern/p.yaml:6:13: accounts[0].source: the key 'host' is missing",
                          "/etc/postern/p.yaml:6:14: accounts[0].source: unknown key 'hots'; did you mean 'host'?",
                          "/etc/postern/p.yaml:6:68: accounts[0].source.port: 'many' is no number from 1 to 65535",
                          "/etc/postern/p.yaml:7:23: accounts[0].schedule.every: '5' is no duration; write it as 90s, "
                          "15m, 1h30m or 7d",
                          "/etc/postern/p.yaml:8:11: accounts[1].name: the account 'alice' stands already in line 5",
                          "/etc/postern/p.yaml:9:56: accounts[1].source.tls: 'strattls' is none of implicit, starttls, "
                          "none; did you mean 'starttls'?"));
}

TEST(LoadTest, NamesTheLineOfBrokenYaml) {
  EXPECT_THAT(mistakes_of("vault: {path: /v}\naccounts: [\n"), ElementsAre(HasSubstr("p.yaml:3:1: this is no YAML: ")));
  EXPECT_THAT(mistakes_of("a: b: c\n"), ElementsAre(HasSubstr("p.yaml:1:5: this is no YAML: ")));
}

TEST(LoadTest, RefusesAnEmptyFileAListAndASecondDocument) {
  EXPECT_THAT(mistakes_of(""), ElementsAre(HasSubstr("the file is empty")));
  EXPECT_THAT(mistakes_of("# only words\n"), ElementsAre(HasSubstr("the file is empty")));
  EXPECT_THAT(mistakes_of("- a\n").front(), HasSubstr("p.yaml:1:1: must be a mapping of keys to values, not a list"));
  EXPECT_THAT(mistakes_of(std::string(kMinimal) + "---\na: b\n"), ElementsAre(HasSubstr("8:1: a second document")));
}

TEST(LoadTest, RefusesADoubledKey) {
  EXPECT_THAT(mistakes_of(with_source("user: a, user: b, password_env: P")),
              ElementsAre("/etc/postern/p.yaml:4:32: accounts[0].source: the key 'user' stands here twice"));
}

TEST(LoadTest, RefusesClearTextToAnotherMachineUnlessAskedFor) {
  EXPECT_THAT(mistakes_of(with_source("user: a, password_env: P, tls: none")),
              ElementsAre(HasSubstr("4:54: accounts[0].source.tls: 'none' would send the password")));
  EXPECT_THAT(mistakes_of(with_source("user: a, password_env: P, tls: none, insecure_plaintext: true")), IsEmpty());
  for (const char* host : {"localhost", "127.0.0.1", "127.8.9.10", "'::1'"}) {
    EXPECT_THAT(mistakes_of("vault: {path: /v}\naccounts:\n  - name: a\n    source: {host: " + std::string(host) +
                            ", user: a, password_env: P, tls: none}\n"),
                IsEmpty());
  }
  for (const char* host : {"127.0.0.1.example", "localhost.example", "128.0.0.1", "'::2'"}) {
    EXPECT_THAT(mistakes_of("vault: {path: /v}\naccounts:\n  - name: a\n    source: {host: " + std::string(host) +
                            ", user: a, password_env: P, tls: none}\n"),
                ElementsAre(HasSubstr("'none' would send")));
  }
}

TEST(LoadTest, RefusesContradictions) {
  const struct {
    const char* keys;
    const char* message;
  } cases[] = {
      {"user: a, password_env: P, insecure_plaintext: true", "insecure_plaintext: contradicts the encrypted line"},
      {"user: a, password_env: P, password_file: /s", "password_env: contradicts 'password_file'"},
      {"user: a", "the password is missing; give one of password_file, password_env, password_command"},
      {"user: a, password_env: P, auth: login, authorize_as: b", "authorize_as: cannot be said with 'auth: login'"},
      {"user: a, password_env: P, mailboxes: {include: [A], exclude: [A]}", "'A' is both included and excluded"},
      {"user: a, password_env: P, tls: none, insecure_plaintext: true, tls_ca_file: c", "has no use with 'tls: none'"},
      {"user: a, password_command: []", "password_command: must name a command"},
      {"user: a, password_command: pass show x", "password_command: must be a list"},
      {"user: a, password_env: P, disable: ['a b']", "disable: 'a b' is no name of a capability"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(mistakes_of(with_source(c.keys)), ElementsAre(HasSubstr(c.message))) << c.keys;
  }
}

TEST(LoadTest, RefusesATargetThatIsTheSource) {
  EXPECT_THAT(mistakes_of(with_source("user: a, password_env: P") +
                          "    target: {host: H, user: b, authorize_as: a, password_env: P}\n"),
              ElementsAre(HasSubstr("5:13: accounts[0].target: is the same mailbox as the source")));
  EXPECT_THAT(mistakes_of(with_source("user: a, password_env: P") +
                          "    target: {host: h, port: 143, tls: starttls, user: a, password_env: P}\n"),
              ElementsAre(HasSubstr("is the same mailbox as the source")));
}

TEST(LoadTest, NothingIsDeletedAtTheSourceUnlessThatIsSaid) {
  const std::string target = "    target: {host: other, user: b, password_env: P}\n";
  const std::string account = with_source("user: a, password_env: P");
  const auto read = [&](const std::string& keys) {
    return config_of(account + target + keys).accounts[0].delete_source;
  };
  EXPECT_EQ(read(""), std::nullopt);
  EXPECT_EQ(read("    delete_source: never\n"), std::nullopt);
  EXPECT_EQ(read("    delete_source: after_verified\n"), std::chrono::seconds(0));
  EXPECT_THAT(mistakes_of(account + "    delete_source: after_verified\n"),
              ElementsAre(HasSubstr("accounts[0].delete_source: needs a 'target'")));
  EXPECT_THAT(mistakes_of(account + target + "    grace: 1d\n"),
              ElementsAre(HasSubstr("accounts[0].grace: says when 'delete_source: after_verified' deletes")));
  EXPECT_THAT(mistakes_of(account + target + "    delete_source: verified\n"), ElementsAre(HasSubstr("delete_source")));
}

TEST(LoadTest, DeletesIsKeepTrashOrMirror) {
  const std::string account = with_source("user: a, password_env: P");
  EXPECT_EQ(config_of(account + "    deletes: trash\n").accounts[0].deletes, Deletes::trash);
  EXPECT_THAT(mistakes_of(account + "    deletes: all\n"), ElementsAre(HasSubstr("5:14: accounts[0].deletes")));
}

TEST(LoadTest, FlagsComeBackToTheSourceOnlyWhereThatIsSaid) {
  const std::string target = "    target: {host: other, user: b, password_env: P}\n";
  const std::string account = with_source("user: a, password_env: P");
  EXPECT_EQ(config_of(account + target).accounts[0].flags, Flags::replay);
  EXPECT_EQ(config_of(account + target + "    flags: replay\n").accounts[0].flags, Flags::replay);
  EXPECT_EQ(config_of(account + target + "    flags: two_way\n").accounts[0].flags, Flags::two_way);
  EXPECT_EQ(config_of("defaults: {flags: two_way}\n" + account + target).accounts[0].flags, Flags::two_way);
  EXPECT_EQ(config_of("defaults: {flags: two_way}\n" + account).accounts[0].flags, Flags::replay) << "a backup";
  EXPECT_THAT(mistakes_of(account + target + "    flags: both\n"), ElementsAre(HasSubstr("accounts[0].flags")));
  EXPECT_THAT(mistakes_of(account + "    flags: two_way\n"),
              ElementsAre(HasSubstr("accounts[0].flags: needs a 'target'")));
  EXPECT_THAT(mistakes_of(account + target + "    flags: two_way\n    delete_source: after_verified\n"),
              ElementsAre(HasSubstr("accounts[0].flags: 'two_way' changes flags at the source")));
}

TEST(LoadTest, CompressionHasALevelOfZstd) {
  const std::string accounts = "accounts:\n  - name: a\n    source: {host: h, user: a, password_env: P}\n";
  EXPECT_THAT(mistakes_of("vault: {path: /v, compression: {level: 20, dictionary: perhaps}}\n" + accounts),
              ElementsAre(HasSubstr("vault.compression.level: '20' is no number from 1 to 19"),
                          HasSubstr("vault.compression.dictionary: ")));
  EXPECT_THAT(mistakes_of("vault: {path: /v, compression: 3}\n" + accounts),
              ElementsAre(HasSubstr("vault.compression")));
}

TEST(LoadTest, SaysWhatThisVersionDoesNotDoAndWhatToDoInstead) {
  const struct {
    const char* keys;
    const char* message;
  } cases[] = {
      {"    schedule: {cron: '0 2 * * *'}\n", "5:16: accounts[0].schedule: 'cron' is not supported by this version"},
      {"    targets: []\n", "5:5: accounts[0]: 'targets' is not supported by this version; give one 'target'"},
      {"offsite: {}\n", "5:1: 'offsite' is not supported by this version"},
      {"limits: {bandwidth: 1}\n", "5:10: limits: 'bandwidth' is not supported by this version"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(mistakes_of(with_source("user: a, password_env: P") + c.keys), ElementsAre(HasSubstr(c.message)))
        << c.keys;
  }
  EXPECT_THAT(mistakes_of(with_source("protocol: pop3, user: a, password_env: P")),
              ElementsAre(HasSubstr("protocol: pop3 is not supported by this version")));
  EXPECT_THAT(mistakes_of(with_source("user: a, password_env: P, profile: gmail")),
              ElementsAre(HasSubstr("profile: 'gmail' is not supported by this version; use 'generic'")));
  EXPECT_THAT(mistakes_of(with_source("user: a, oauth2: {}, password_env: P")),
              ElementsAre(HasSubstr("'oauth2' is not supported by this version; give a password")));
}

TEST(LoadTest, NeverRepeatsASecretThatSomebodyWroteIntoTheFile) {
  const auto lines = mistakes_of(with_source("user: a, password: hunter2, pasword: hunter2, password_env: P"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("'password' is refused; a secret never stands in this file"),
                                 HasSubstr("unknown key 'pasword'")));
  for (const std::string& line : lines) EXPECT_THAT(line, ::testing::Not(HasSubstr("hunter2")));
}

TEST(LoadTest, RefusesHostsThatAreNone) {
  EXPECT_THAT(mistakes_of("vault: {path: /v}\naccounts:\n  - name: a\n    source: {host: 'imaps://h:993', user: a, "
                          "password_env: P}\n"),
              ElementsAre(HasSubstr("4:20: accounts[0].source.host: must be a host name, not a URL")));
  EXPECT_THAT(mistakes_of("vault: {path: /v}\naccounts:\n  - name: a\n    source: {host: 'h:993', user: a, "
                          "password_env: P}\n"),
              ElementsAre(HasSubstr("give the port with 'port'")));
  EXPECT_THAT(mistakes_of("vault: {path: /v}\naccounts:\n  - name: a\n    source: {host: 'a b', user: a, "
                          "password_env: P}\n"),
              ElementsAre(HasSubstr("must be a host name or an address")));
}

TEST(LoadTest, WarnsOfAPortThatUsuallySpeaksOtherwise) {
  const Loaded loaded = load_text(with_source("user: a, password_env: P, port: 143"), "p.yaml");
  EXPECT_TRUE(loaded.config.has_value());
  ASSERT_EQ(loaded.mistakes.size(), 1U);
  EXPECT_THAT(loaded.mistakes[0].to_string(), HasSubstr("p.yaml:4:55: warning: accounts[0].source.port: port 143"));
}

TEST(LoadTest, ChecksListen) {
  EXPECT_EQ(config_of(std::string(kMinimal) + "listen: 9187\n").listen->host, "127.0.0.1");
  EXPECT_EQ(config_of(std::string(kMinimal) + "listen: '[::1]:9187'\n").listen->host, "::1");
  for (const char* bad : {"0", "65536", "x", "127.0.0.1:", ":80", "127.0.0.1:http", "a.example:80", "::1", "[::1:80"}) {
    EXPECT_THAT(mistakes_of(std::string(kMinimal) + "listen: '" + bad + "'\n"),
                ElementsAre(HasSubstr("7:9: listen: must be a port")));
  }
}

TEST(LoadTest, DefaultsCompleteEachAccount) {
  const Config config = config_of(R"(vault: {path: /v}
defaults:
  schedule: {every: 15m}
  source: {host: imap.old.example, password_env: OLD, mailboxes: {exclude: [Junk]}}
  target: {host: imap.new.example, password_env: NEW}
accounts:
  - name: a
    source: {user: a}
    target: {user: a}
  - name: b
    schedule: manual
    source: {user: b, host: other.example, password_file: /s}
)");
  ASSERT_EQ(config.accounts.size(), 2U);
  EXPECT_EQ(config.accounts[0].source.host, "imap.old.example");
  EXPECT_EQ(config.accounts[0].target->host, "imap.new.example");
  EXPECT_EQ(config.accounts[0].every, std::chrono::minutes(15));
  EXPECT_THAT(config.accounts[0].mailboxes.exclude, ElementsAre("Junk"));
  EXPECT_EQ(config.accounts[1].source.host, "other.example");
  EXPECT_EQ(config.accounts[1].source.password.kind, SecretSource::Kind::file);
  EXPECT_FALSE(config.accounts[1].target.has_value());
  EXPECT_FALSE(config.accounts[1].every.has_value());
}

TEST(LoadTest, WhatStandsUnderDefaultsDoesNotContradictTheChoiceOfOneAccount) {
  const Config config = config_of(R"(vault: {path: /v}
defaults: {source: {tls_ca_file: ca.pem}, target: {tls: none, insecure_plaintext: true}}
accounts:
  - name: a
    source: {host: 127.0.0.1, tls: none, user: a, password_env: P}
    target: {host: h, tls: implicit, user: a, password_env: P}
)");
  EXPECT_EQ(config.accounts.at(0).source.tls, Tls::none);
  EXPECT_EQ(config.accounts.at(0).target->tls, Tls::implicit);
}

TEST(LoadTest, AMistakeUnderDefaultsIsReportedOnceWhereItStands) {
  EXPECT_THAT(mistakes_of(R"(vault: {path: /v}
defaults:
  schedule: {evry: 15m, every: x}
  source: {tls: off, hst: a}
accounts:
  - {name: a, source: {host: h, user: a, password_env: P}}
  - {name: b, source: {host: h, user: b, password_env: P}}
)"),
              ElementsAre(HasSubstr("3:14: defaults.schedule: unknown key 'evry'; did you mean 'every'?"),
                          HasSubstr("3:32: defaults.schedule.every: 'x' is no duration"),
                          HasSubstr("4:17: defaults.source.tls: 'off' is none of"),
                          HasSubstr("4:22: defaults.source: unknown key 'hst'; did you mean 'host'?")));
}

TEST(LoadTest, AMissingFileSaysHowToNameOne) {
  const Loaded loaded = load_file("/nonexistent/postern.yaml");
  ASSERT_EQ(loaded.mistakes.size(), 1U);
  EXPECT_EQ(loaded.mistakes[0].to_string(),
            "/nonexistent/postern.yaml: there is no such file; name the configuration with -c FILE or $POSTERN_CONFIG");
}

// A file cut anywhere, as by a full disk, gives mistakes or a configuration, never an exception.
TEST(LoadTest, EveryPrefixOfAFileIsReadWithoutAnException) {
  const std::string text = kMinimal;
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const Loaded loaded = load_text(text.substr(0, length), "p.yaml");
    EXPECT_EQ(loaded.config.has_value(), !has_errors(loaded.mistakes)) << length;
  }
}

}  // namespace
}  // namespace postern::config
