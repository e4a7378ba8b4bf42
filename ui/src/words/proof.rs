//! Both sides hold the same, and why something is as it is.

use ui_protocol::proof::{Checked, RepairLine, Wrong};
use ui_protocol::why::{Fate, PersonFact, SaveView};

use super::{Words, sentences};

sentences! {
    proof_title = "两边核对", "Both sides compared";
    proof_help = "每次同步都会逐个村核对。发现不一致会自己修正，不用您做什么。",
        "Every sync compares each area. A difference puts itself right; you need not do anything.";
    proof_empty = "还没有可核对的村社区", "There is no area to compare yet";
    proof_deep = "深度核对", "Deep check";
    proof_deep_help = "把本机每一条重新算一遍，再和服务器对照。不影响登记。",
        "Takes every record on this device up again and compares it with the server. You can go on working.";
    proof_deep_busy = "正在核对", "Checking";
    proof_deep_good = "本机每一条都对", "Every record here is as it should be";
    proof_deep_same = "和服务器一致", "The same as on the server";
    proof_deep_different = "和服务器还不一致，下次同步会接着修正", "Still different from the server; the next sync goes on";
    proof_deep_offline = "没有网络，还没和服务器对照", "No network: not compared with the server yet";
    proof_repairs = "修正记录", "What was put right";
    proof_mended = "已修正", "Put right";
    proof_unmended = "没修正好，请告诉管理员", "Not put right: please tell the administrator";
    proof_waiting = "还在接收，收完再对照", "Still arriving; compared when it is all here";
    proof_mending = "不一致，正在自己修正；一直这样请告诉管理员", "Different, putting itself right; tell the administrator if it stays so";
    why_title = "为什么？", "Why?";
    why_person = "找不到某个人", "Somebody is missing";
    why_person_field = "姓名、证件号码、电话", "Name, document number or phone";
    why_person_help = "写全姓名或完整号码，就告诉您为什么看不到。", "Type the whole name or number to learn why you do not see them.";
    why_person_county = "写全证件号码，可以在全县查一下。", "With a whole document number you can look in the whole county.";
    why_send = "这次同步会上传什么", "What the next sync sends";
    why_send_empty = "没有要上传的", "Nothing waits to be sent";
    why_send_empty_help = "保存过的都已经到服务器了。", "Everything you saved is on the server.";
    why_edit = "我改的内容怎么样了", "What became of my edits";
    why_edit_field = "保存编号", "Number of the save";
    why_edit_help = "每次保存都有一个编号，写在“经过”里，报给派出所就能查。不写就看最近的。",
        "Each save has a number, shown under History; the station can look it up. Leave it empty for the last ones.";
    why_edit_nothing = "本机最近没有保存过", "Nothing was saved on this device lately";
    why_edit_empty = "没有找到这次保存", "No such save here";
    why_edit_empty_help = "本机只留三十天内的保存。更早的请派出所按编号查。",
        "This device keeps the saves of thirty days. The station can look up older ones by number.";
    why_look = "去看看", "Have a look";
    fact_never = "本机从没有过这个人。可能登记在别的村，可以按证件号码联网查询，或者问派出所。",
        "Nobody like that was ever on this device. They may be registered in another village: look the document up online or ask the station.";
    fate_waiting = "等待上传", "Waiting to be sent";
    fate_ok = "已到服务器", "On the server";
    fate_merged = "有人同时改了，在待处理里对照", "Somebody changed it at the same time; compare under Needs attention";
    fate_merged_settled = "有人同时改了，已处理", "Somebody changed it at the same time; settled";
    fate_sent_again = "没被接收，已重新上传", "Refused, and sent again";
    fate_given_up = "没被接收，已放弃", "Refused, and given up";
    fate_held = "在派出所等处理", "Waits at the station";
    verb_create = "新登记", "New";
    verb_set = "改为", "Changed to";
    verb_delete = "撤销", "Taken back";
    verb_restore = "恢复", "Brought back";
}

impl Words {
    /// How many records stand on either side.
    pub fn proof_counts(self, here: u64, there: u64) -> String {
        self.pick(format!("本机 {here} 条 · 服务器 {there} 条"), format!("{here} here · {there} on the server"))
    }

    /// When both sides were compared last.
    pub fn proof_compared(self, moment: &str) -> String {
        self.pick(format!("上次核对 {moment}"), format!("Compared {moment}"))
    }

    /// How far a deep check has come.
    pub fn proof_progress(self, done: u64, total: u64) -> String {
        self.pick(format!("正在核对 {done} / {total}"), format!("Checking {done} of {total}"))
    }

    /// What a deep check looked through.
    pub fn proof_checked(self, checked: &Checked, moment: &str) -> String {
        let (records, seconds) = (checked.records, checked.took_ms.div_ceil(1000));
        self.pick(
            format!("{moment} 核对了 {records} 条，用了 {seconds} 秒"),
            format!("{moment}: {records} records in {seconds} s"),
        )
    }

    /// What a deep check found.
    pub fn proof_wrong(self, wrong: Wrong, count: u64) -> String {
        let (chinese, english) = match wrong {
            Wrong::File => ("文件有损坏", "damage in the file"),
            Wrong::Record => ("读不出来，已向服务器重取", "records that cannot be read, fetched again"),
            Wrong::Hash => ("内容和校验不符，已重算", "records that were not what they were, counted again"),
            Wrong::Sum => ("合计不对，已重算", "sums that were wrong, added up again"),
            Wrong::Outbox => ("待上传的顺序不对，请告诉管理员", "changes out of order; tell the administrator"),
            Wrong::Overlay => ("显示和待上传的不符，已重排", "records that showed something else"),
            Wrong::References => ("关联不对，已重建", "references that were wrong, made anew"),
            Wrong::Lists => ("列表多出来的", "lines of lists without a record"),
        };
        self.pick(format!("{count} 处{chinese}"), format!("{count} {english}"))
    }

    /// A difference that was put right.
    pub fn proof_repair(self, line: &RepairLine) -> String {
        if line.records > 0 {
            self.pick(format!("{} 条不一致", line.records), format!("{} records differed", line.records))
        } else {
            self.pick("合计算错，已重算", "The sum was wrong and was added up again").to_owned()
        }
    }

    /// How much is to be sent.
    pub fn why_send_size(self, changes: u64, bytes: u64) -> String {
        let size = self.bytes_said(bytes);
        self.pick(format!("{changes} 处改动，约 {size}"), format!("{changes} changes, about {size}"))
    }

    fn bytes_said(self, bytes: u64) -> String {
        let kilo = bytes.div_ceil(1024);
        if bytes < 1024 {
            self.pick(format!("{bytes} 字节"), format!("{bytes} bytes"))
        } else {
            self.pick(format!("{kilo} 千字节"), format!("{kilo} kB"))
        }
    }

    /// A save's number and its moment.
    pub fn why_save(self, save: &SaveView, moment: &str) -> String {
        self.pick(format!("编号 {} · {moment}", save.no), format!("No. {} · {moment}", save.no))
    }

    /// What became of a change.
    pub fn fate(self, fate: &Fate) -> String {
        match fate {
            Fate::Waiting => self.fate_waiting().to_owned(),
            Fate::Ok => self.fate_ok().to_owned(),
            Fate::Merged { settled: false, .. } => self.fate_merged().to_owned(),
            Fate::Merged { settled: true, .. } => self.fate_merged_settled().to_owned(),
            Fate::Refused { why } => self.refusal(why),
            Fate::SentAgain => self.fate_sent_again().to_owned(),
            Fate::GivenUp => self.fate_given_up().to_owned(),
            Fate::Held => self.fate_held().to_owned(),
        }
    }

    /// Why somebody is not to be seen.
    pub fn person_fact(self, fact: &PersonFact, today: &str) -> String {
        let at = |unix_ms: i64| self.moment(unix_ms, today);
        let area_of = |name: &str| self.scope_name(name);
        match fact {
            PersonFact::Here { name, waiting: true, .. } => {
                self.pick(format!("{name}在本机，还有改动等待上传"), format!("{name} is here; a change waits to be sent"))
            }
            PersonFact::Here { name, .. } => self.pick(format!("{name}在本机"), format!("{name} is here")),
            PersonFact::InTray { name, no, why } => {
                let why = self.refusal(why);
                self.pick(
                    format!("{name}这次登记没被接收（编号 {no}）：{why}"),
                    format!("Saving {name} was refused (no. {no}): {why}"),
                )
            }
            PersonFact::TakenBack { name, at_unix_ms, mine: true, .. } => {
                let moment = at(*at_unix_ms);
                self.pick(format!("{name}已在本机撤销，{moment}"), format!("{name} was taken back on this device, {moment}"))
            }
            PersonFact::TakenBack { name, at_unix_ms, device, .. } => {
                let moment = at(*at_unix_ms);
                self.pick(
                    format!("{name}已被设备 {device} 撤销，{moment}"),
                    format!("{name} was taken back by device {device}, {moment}"),
                )
            }
            PersonFact::Left { area, toward, at_unix_ms } => {
                let (area, moment) = (area_of(area), at(*at_unix_ms));
                if toward.is_empty() {
                    self.pick(format!("{moment} 离开了{area}"), format!("Left {area}, {moment}"))
                } else {
                    self.pick(
                        format!("{moment} 从{area}移交到{toward}"),
                        format!("Handed over from {area} to {toward}, {moment}"),
                    )
                }
            }
            PersonFact::OthersLeft { count, last_unix_ms, toward } => {
                let moment = at(*last_unix_ms);
                let to = if toward.is_empty() { String::new() } else { toward.join(self.pick("、", ", ")) };
                let to = if to.is_empty() { to } else { self.pick(format!("，去了{to}"), format!(", to {to}")) };
                self.pick(
                    format!("三十天内有 {count} 人离开本机{to}，最近一次 {moment}。离开的人本机不留姓名。"),
                    format!("{count} people left this device in thirty days{to}, the last {moment}. Their names are not kept."),
                )
            }
            PersonFact::AreaTakenBack { area, at_unix_ms } => {
                let (area, moment) = (area_of(area), at(*at_unix_ms));
                self.pick(
                    format!("{area}从 {moment} 起不归您负责，那里的人不在本机"),
                    format!("{area} has not been yours since {moment}; its people are not here"),
                )
            }
            PersonFact::Loading { area, here, there } => {
                let area = area_of(area);
                self.pick(
                    format!("{area}还在接收：{here} / {there}，收完就能看到"),
                    format!("{area} is still arriving: {here} of {there}"),
                )
            }
            PersonFact::Different { area } => {
                let area = area_of(area);
                self.pick(
                    format!("{area}和服务器不一致，正在自己修正，请再同步一次"),
                    format!("{area} differs from the server and is being put right; sync once more"),
                )
            }
            PersonFact::Never => self.fact_never().to_owned(),
            PersonFact::AskCounty { by_this: true } => self.pick(
                "别的村社区的人不在本机。登记在哪里，可以在全县查。".to_owned(),
                "Who lives in another village is not on this device. Where they are registered can be looked up in the whole county.".to_owned(),
            ),
            PersonFact::AskCounty { by_this: false } => self.pick(
                "别的村社区的人不在本机。输入身份证号，可以在全县查登记在哪里。".to_owned(),
                "Who lives in another village is not on this device. Type the number of the ID card to look in the whole county.".to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_trouble_and_every_answer_is_said_in_both_languages() {
        let wrongs =
            [Wrong::File, Wrong::Record, Wrong::Hash, Wrong::Sum, Wrong::Outbox, Wrong::Overlay, Wrong::References, Wrong::Lists];
        let at_unix_ms = 1_795_428_240_000;
        let facts = [
            PersonFact::Left { area: "account".to_owned(), toward: String::new(), at_unix_ms },
            PersonFact::OthersLeft { count: 3, last_unix_ms: at_unix_ms, toward: Vec::new() },
            PersonFact::AreaTakenBack { area: "county".to_owned(), at_unix_ms },
            PersonFact::Loading { area: "owner".to_owned(), here: 1, there: 2 },
            PersonFact::Different { area: "owner".to_owned() },
            PersonFact::Never,
            PersonFact::AskCounty { by_this: true },
            PersonFact::AskCounty { by_this: false },
        ];
        let fates = [
            Fate::Waiting,
            Fate::Ok,
            Fate::Merged { stands: None, settled: false },
            Fate::Merged { stands: None, settled: true },
            Fate::SentAgain,
            Fate::GivenUp,
            Fate::Held,
        ];
        for words in BOTH {
            for wrong in wrongs {
                assert_spoken(words, &words.proof_wrong(wrong, 2), &format!("{wrong:?}"));
            }
            for fact in &facts {
                assert_spoken(words, &words.person_fact(fact, "2026-11-23"), &format!("{fact:?}"));
            }
            for fate in &fates {
                assert_spoken(words, &words.fate(fate), &format!("{fate:?}"));
            }
            assert_spoken(words, &words.proof_counts(1, 2), "counts");
            assert_spoken(words, &words.why_send_size(2, 300), "size");
            assert_spoken(words, &words.proof_progress(2, 300), "progress");
        }
    }
}
