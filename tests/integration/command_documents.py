#!/usr/bin/env python3
"""What operators write in files: strategies, campaigns and flows are checked with the line of the mistake, put in force,
explained and taken back."""
import unittest

from command_fixture import CSV, ROOT, TRUNK, NodeTest, dunlin


class CommandDocuments(NodeTest):
    def test_a_strategy_is_checked_put_in_force_explained_and_taken_back(self):
        good = self.folder / "soft.toml"
        good.write_text('name = "soft"\n[[rule]]\nname = "first"\n[rule.when]\nstage = "soft-1"\ndpd_to = 50\n[rule.then]\nstop = true\n')
        checked = dunlin("strategy", "check", good)
        self.assertEqual((checked.returncode, "good (strategy soft, 1 rules" in checked.stdout), (0, True), checked.stderr)
        bad = self.folder / "bad.toml"
        bad.write_text(good.read_text().replace("dpd_to", "dpd_too"))
        refused = dunlin("strategy", "check", bad)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("bad.toml:6: rule \"first\" when, field dpd_too: is not known here; did you mean dpd_to?", refused.stderr)
        self.assertEqual(dunlin("strategy", "check", "/nowhere.toml").returncode, 3)
        self.start("--clock-start", "2026-11-24T08:00:00Z", more=TRUNK)
        people = self.folder / "people.csv"
        people.write_text(CSV)
        self.dunlin("import", "run", people, "--portfolio", "t")
        self.assertEqual(self.dunlin("strategy", "set", bad).returncode, 2)
        looked = self.dunlin("strategy", "set", good, "--dry-run")
        self.assertEqual(looked.returncode, 0, looked.stderr)
        self.assertEqual(self.json("strategy", "list"), [])
        by_rule = {row["rule"]: row["after"] for row in self.json("strategy", "set", str(good))}
        self.assertEqual(by_rule, {"first": 1, "(none)": 1})
        self.assertEqual(self.dunlin("campaign", "create", "c", "--trunk", "carrier", "--caller-id", "+74950000001").returncode, 0)
        self.assertEqual(self.dunlin("campaign", "set", "c", "strategy=lost").returncode, 3)
        self.assertEqual(self.dunlin("campaign", "set", "c", "strategy=soft").returncode, 0)
        taken, left = (self.json("case", "find", contract)[0]["case"] for contract in ("Т-1", "Т-2"))
        self.assertEqual([row["result"] for row in self.json("strategy", "explain", taken)], ["fires"])
        rows = self.json("strategy", "explain", left, "--lang", "en")
        self.assertEqual([row["result"] for row in rows], ["does_not_fit", "fires"])
        self.assertEqual(rows[0]["why"], "dpd: 60; wanted ≤ 50")
        good.write_text(good.read_text().replace("dpd_to = 50", "dpd_to = 90"))
        self.assertEqual(self.dunlin("strategy", "set", good).returncode, 0)
        self.assertEqual(self.dunlin("strategy", "rollback", "soft", "2").returncode, 4, "it is in force")
        self.assertEqual(self.dunlin("strategy", "rollback", "soft", "1").returncode, 0)
        self.assertEqual([row["origin"] for row in self.json("strategy", "history", "soft")], ["rollback to 1", "soft.toml", "soft.toml"])
        self.assertIn("dpd_to = 50", self.dunlin("strategy", "show", "soft").stdout)
        self.assertIn("dpd_to = 90", self.dunlin("strategy", "show", "soft", "--revision", "2").stdout)
        self.assertEqual(self.dunlin("strategy", "show", "lost").returncode, 3)
        self.assertEqual(self.json("strategy", "results", "soft")[0]["cases"], 2)

    def test_a_campaign_is_made_from_a_file(self):
        self.start("--clock-start", "2026-11-24T08:00:00Z", more=TRUNK)
        strategy = self.folder / "rules.toml"
        strategy.write_text('name = "soft-rules"\n[[rule]]\nname = "first"\n[rule.when]\nstage = "soft-1"\n[rule.then]\nstop = true\n')
        good = self.folder / "soft.toml"
        good.write_text('name = "soft"\nmode = "predictive"\nportfolio = "t"\nskill = "late"\nweight = 3\nwrap_up_seconds = 20\nstrategy = "rules.toml"\n'
                        'trunks = ["carrier:3"]\nnumber_order = ["debtor.work", "debtor.mobile"]\n[[retry]]\noutcome = "busy"\ndelay = "15m"\n')
        early = self.dunlin("campaign", "create", "soft", "--file", good)
        self.assertEqual(early.returncode, 3, early.stdout)
        self.assertIn("no strategy soft-rules", early.stderr)
        self.assertEqual(self.dunlin("strategy", "set", strategy).returncode, 0)
        made = self.dunlin("campaign", "create", "soft", "--file", good, "--weight", "5")
        self.assertEqual(made.returncode, 0, made.stderr)
        settings = {row["setting"]: row["value"] for row in self.json("campaign", "show", "soft", "--settings")}
        self.assertEqual([settings[key] for key in ("mode", "portfolios", "skill", "weight", "wrap_up_seconds", "strategy", "trunks")],
                         ["predictive", "t", "late", "5", "20", "soft-rules", "carrier:3"], settings)
        self.assertEqual(self.json("campaign", "show", "soft")["trunks"], "carrier:3")
        bad = self.folder / "bad.toml"
        for text, code, said in (('mode = "fast"\n', 2, "bad.toml:1: campaign, field mode: allowed: progressive, predictive, agentless"),
                                 ('skill = "x"\nnumber_order = ["debtor.mobil"]\n', 2, "bad.toml:2: campaign, field number_order: \"debtor.mobil\" is not known; did you mean debtor.mobile?"),
                                 ('[[retry]]\noutcome = "bussy"\ndelay = "5m"\n', 2, "bad.toml:2: retry, field outcome: \"bussy\" is not known; did you mean busy?"),
                                 ('skill = "x"\ntrunks = ["carrier:x"]\n', 2, 'bad.toml:2: campaign, field trunks: "carrier:x" must be NAME or NAME:WEIGHT, weight 0 to 1000'),
                                 ('name = "other"\n', 2, 'name is "other"'),
                                 ('strategy = "nowhere.toml"\n', 3, "nowhere.toml")):
            bad.write_text(text)
            refused = self.dunlin("campaign", "create", "bad", "--file", bad)
            self.assertEqual(refused.returncode, code, refused.stdout + refused.stderr)
            self.assertIn(said, refused.stderr)
        self.assertEqual(self.dunlin("campaign", "create", "bad", "--file", "/nowhere.toml").returncode, 3)
        self.assertEqual([row["campaign"] for row in self.json("campaign", "list")], ["soft"])
        good.write_text('wrap_up_seconds = 45\n')
        self.assertEqual(self.dunlin("campaign", "edit", "soft", "--file", good).returncode, 0)
        settings = {row["setting"]: row["value"] for row in self.json("campaign", "show", "soft", "--settings")}
        self.assertEqual((settings["wrap_up_seconds"], settings["skill"]), ("45", "late"), "what the file does not name stays")

    def test_a_flow_is_put_in_force_named_by_a_campaign_and_taken_back(self):
        flow = self.folder / "reminder.toml"
        flow.write_text((ROOT / "config/flows/payment_reminder.toml").read_text())
        self.start("--clock-start", "2026-11-24T08:00:00Z", more=TRUNK)
        bad = self.folder / "bad.toml"
        bad.write_text(flow.read_text().replace('kind = "menu"', 'kind = "menue"', 1))
        refused = self.dunlin("flow", "put", bad)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("did you mean menu", refused.stderr)
        self.assertEqual(self.dunlin("flow", "put", "/nowhere.toml").returncode, 3)
        self.assertEqual(self.json("flow", "list"), [])
        self.assertEqual(self.json("flow", "put", str(flow))["revision"], "1")
        self.assertEqual(self.dunlin("campaign", "create", "c", "--trunk", "carrier", "--caller-id", "+74950000001").returncode, 0)
        self.assertEqual(self.dunlin("campaign", "set", "c", "mode=agentless", "flow=lost").returncode, 3)
        self.assertEqual(self.dunlin("campaign", "set", "c", "mode=progressive", "flow=payment_reminder").returncode, 2, "agents talk there")
        for words in (("create", "p", "--mode", "preview"), ("edit", "c", "--mode", "preview"), ("set", "c", "mode=preview")):
            refused = self.dunlin("campaign", *words)
            self.assertEqual(refused.returncode, 2, words)
            self.assertIn("preview is not dialed by this version", refused.stderr)
        self.assertEqual(self.dunlin("campaign", "set", "c", "mode=agentless", "flow=payment_reminder").returncode, 0)
        self.assertEqual(self.json("flow", "list")[0]["campaigns"], ["c"])
        why = self.dunlin("campaign", "why-idle", "c", "--lang", "en").stdout
        # Made in the background, and said as long as that takes.
        is_made = "speech flow_ready flow=payment_reminder" in self.log.read_text()
        self.assertTrue(is_made or 'The speech of the flow "payment_reminder" is being made' in why, why)
        flow.write_text(flow.read_text().replace("most_steps = 60", "most_steps = 50"))
        self.assertEqual(self.dunlin("flow", "put", flow).returncode, 0)
        self.assertEqual(self.dunlin("flow", "rollback", "payment_reminder", "2").returncode, 4, "it is in force")
        self.assertEqual(self.dunlin("flow", "rollback", "payment_reminder", "1").returncode, 0)
        self.assertEqual([row["origin"] for row in self.json("flow", "history", "payment_reminder")], ["rollback to 1", "reminder.toml", "reminder.toml"])
        self.assertIn("most_steps = 60", self.dunlin("flow", "show", "payment_reminder").stdout)
        self.assertIn("most_steps = 50", self.dunlin("flow", "show", "payment_reminder", "--revision", "2").stdout)
        self.assertEqual(self.dunlin("flow", "show", "lost").returncode, 3)


if __name__ == "__main__":
    unittest.main()
