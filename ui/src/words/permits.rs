//! Permits: who may ask, what to bring, what happened, and the card that tells the resident what a permit is for.

use domain::permit::{ApplicationState, EndReason, PermitEventKind};
use domain::permit_rules::{Missing, PermitRules};
use domain::permit_standing::{NoEndorsement, Standing};
use ui_protocol::desk::PermitStep;
use ui_protocol::permits::EligibilityView;

use super::{Words, sentences};

sentences! {
    permit_section = "居住证", "Permit";
    permit_open = "居住证办理", "Permits";
    permit_open_help = "申领、补材料、发放、签注、变更、补换", "Ask, bring papers, hand out, endorse, change, replace";
    permit_none = "还没有申领过居住证", "No permit was asked for yet";
    permit_no_rules = "当前政策没有居住证的规定", "The rules in force know no permit";
    permit_can_apply = "可以申领", "Can be asked for";
    permit_cannot_yet = "还不能申领", "Not yet";
    permit_apply = "申领", "Ask for a permit";
    permit_apply_title = "申领居住证", "Ask for a permit";
    permit_apply_early = "居住时间还没满，现在只有下面这些理由可以申领。", "Residence is not long enough yet: only these grounds can be used now.";
    permit_ground = "申领理由", "On what ground";
    permit_months = "申领几个月", "For how many months";
    permit_materials = "申请材料（收到一样，打开一样）", "Papers (switch on what was given)";
    permit_materials_help = "材料不齐也可以先受理登记，系统会记下一次告知的内容。", "Papers may be missing: what is missing is told once, and noted.";
    permit_submit = "提交申请", "Send the application";
    permit_submitted = "材料齐全，已受理", "Everything is there: accepted";
    permit_bring = "补材料", "Bring papers";
    permit_bring_title = "补交材料", "Bring the missing papers";
    permit_bring_submit = "保存", "Save";
    permit_application = "申请", "Application";
    permit_asked_on = "申请日期", "Asked on";
    permit_told_on = "告知补正日期", "Told on";
    permit_accepted_on = "受理日期", "Accepted on";
    permit_slip_no = "受理编号", "Number";
    permit_slip_waiting = "上传后由服务器给编号", "Given by the server when it is sent";
    permit_due = "应在此日前办结", "To be issued by";
    permit_no_due = "该条例没有规定办结期限", "The rules name no time";
    permit_refused_why = "不予办理的理由", "Why refused";
    permit_slip = "受理回执", "Acceptance slip";
    permit_slip_open = "看受理回执", "Show the slip";
    permit_slip_about = "请保管好这张回执，凭编号查询和领取证件。", "Keep this slip: the number is what you ask and collect the card with.";
    permit_slip_masked = "证件号码只显示首尾，防止泄露。", "Only the ends of the document number are shown.";
    permit_print = "打印", "Print";
    permit_given = "已交材料", "Papers given";
    permit_village = "受理地", "Taken in";
    permit_ask_kind = "申领证件", "Asked for";

    permit_number = "证件编号", "Card number";
    permit_issued_on = "签发日期", "Issued on";
    permit_valid_until = "有效期至", "Valid until";
    permit_handed_on = "发放日期", "Handed out on";
    permit_continuity = "连续居住从", "Continuous residence since";
    permit_restored_on = "恢复日期", "Restored on";
    permit_endorse_window = "签注时间", "To be endorsed";
    permit_replace_asked = "已申请补（换）证", "Replacement asked for";
    permit_ended_on = "注销", "Ended";
    permit_history = "办理经过", "What happened";
    permit_change_tag = "要变更", "To be changed";
    permit_to_end_tag = "要注销", "To be ended";
    permit_do_issue_temporary = "发临时居住证", "Issue a temporary permit";
    permit_temporary_help = "登记时由派出所直接发给，不用本人申请。", "Given by the station at registration; nobody has to ask for it.";
    desk_permit_change = "本人来窗口申报变更", "The holder reports a change";
    permit_late = "超过期限", "Late";
    permit_take_back = "记错了，撤回", "A mistake: take it back";
    permit_take_back_ask = "撤回这条办理记录？", "Take this entry back?";
    permit_taken_back = "已撤回", "Taken back";
    permit_noted = "已记下", "Noted";

    permit_do_hand_out = "发放给本人", "Hand it out";
    permit_do_endorse = "签注", "Endorse";
    permit_do_address = "居住地址变更", "Change the address";
    permit_do_employer = "服务处所变更", "Change the employer";
    permit_do_damaged = "证件损坏，换领", "Damaged: replace it";
    permit_do_lost = "证件遗失，补领", "Lost: replace it";
    permit_do_end = "注销证件", "End the permit";
    permit_ask_hand_out = "核对本人身份后，把证件交到本人手上。", "Check who it is, and hand the card over in person.";
    permit_ask_endorse = "核对本人仍在这里居住，条件没有变。", "Check that the holder still lives here and the conditions still hold.";
    permit_ask_endorse_late = "已经过期。现在补签注，使用功能恢复，连续居住年限从今天重新算。",
        "It is late. Endorsed now, its function is restored and the years of residence begin again today.";
    permit_ask_change = "写清楚从哪天开始变的，要在变更后的期限内申报。", "Say since when; a change has to be reported in time.";
    permit_ask_damaged = "收回旧证，交派出所换发。", "Take the old card and give it to the station.";
    permit_ask_lost = "记下遗失，由派出所补发。", "Note the loss; the station makes another card.";
    permit_ask_end = "注销后不能恢复，只能重新申领。不再符合条件的，由派出所决定。",
        "An ended permit does not come back. Where conditions are no longer met, the station decides.";
    permit_since = "从哪天开始", "Since when";
    permit_end_reason = "注销原因", "Why it ends";
    permit_note = "备注", "Note";

    permit_info = "居住证说明", "What a permit is for";
    permit_info_open = "给本人看：居住证有什么用", "Show the resident: what a permit is for";
    permit_info_about = "转过手机给本人看。", "Turn the phone to the resident.";
    permit_info_conditions = "怎么申领", "How to get one";
    permit_info_free = "首次申领、签注、变更不收费；损坏、遗失补换收工本费。", "The first card, endorsements and changes are free; a replacement costs its making.";
    permit_info_one_of = "还要有一样：合法稳定就业、合法稳定住所、连续就读。投资创业、引进人才按当地政策，不受时间限制。",
        "And one of: stable work, a stable dwelling, continuous schooling. Investment and talent follow local policy, without waiting.";
    permit_info_both = "还要有固定住所和稳定收入，并符合其他有关条件。", "And a fixed dwelling and a stable income, and the other conditions that apply.";

    desk_permits = "居住证", "Permits";
    desk_permits_help = "按受理、审核、制证的顺序办。", "Accept, review, issue.";
    desk_permit_keys = "键盘：J 下一条，K 上一条，回车办理，R 不予办理", "Keys: J next, K previous, Enter goes to the steps, R to the refusal";
    desk_permits_todo = "待办的申请", "Applications to do";
    desk_permits_cards = "要办的证件", "Cards to do";
    desk_permits_none = "没有待办的申请", "No applications to do";
    desk_cards_none = "没有要办的证件", "No cards to do";
    desk_permit_refuse_note = "不予办理的理由（本人会看到）", "Why (the resident reads it)";
    desk_permit_note = "备注", "Note";
    desk_permit_months = "延长几个月", "For how many months";
    desk_permit_done = "已办理", "Done";
    desk_permit_step_title = "派出所办理", "For the station";
    desk_permit_standing = "证件状态", "Standing";
}

/// The county document of 2010, section on permits.
const FUNCTIONS: &[(&str, &str)] = &[
    ("是工作和居住的证明。", "It proves work and residence."),
    (
        "找工作、办企业、参加社会保险、买商品房、考驾照、购车上牌、子女上学、计划生育服务、出入境管理等方面，和当地居民同等对待。",
        "Jobs, business, social insurance, buying a home, driving licence, registering a car, schooling, family planning service, exit and entry: the same treatment as locals.",
    ),
    (
        "记录基本情况、计划生育情况、居住变动情况等服务管理需要的信息。",
        "It carries basic, family-planning and residence information that services need.",
    ),
    ("持证人可以申请转办居住地常住户口。", "Its holder may apply for local household registration."),
];

/// State Council decree 663, article 12.
const SERVICES: &[(&str, &str)] = &[
    ("义务教育。", "Compulsory schooling."),
    ("基本公共就业服务。", "Public employment service."),
    ("基本公共卫生服务和计划生育服务。", "Public health and family planning service."),
    ("公共文化体育服务。", "Public culture and sport."),
    ("法律援助和其他法律服务。", "Legal aid and other legal service."),
    ("国家规定的其他基本公共服务。", "Other public services the state provides for."),
];

/// The same, article 13.
const CONVENIENCES: &[(&str, &str)] = &[
    ("按规定办理出入境证件。", "Papers for exit and entry."),
    ("换领、补领居民身份证。", "Renewing or replacing the identity card."),
    ("机动车登记。", "Registering a vehicle."),
    ("申领机动车驾驶证。", "A driving licence."),
    ("报考职业资格、申请授予职业资格。", "Professional examinations and qualifications."),
    ("办理生育服务登记和其他计划生育证明材料。", "Birth service registration and related papers."),
    ("国家规定的其他便利。", "Other conveniences the state provides for."),
];

impl Words {
    /// Whether somebody may ask for a permit, in one sentence.
    pub fn permit_eligibility(self, view: &EligibilityView, today: &str) -> String {
        let kind = self.label(view.kind);
        if view.missing.contains(&Missing::Registration) {
            return self.pick("没有有效的居住登记，先登记".to_owned(), "No registration stands: register first".to_owned());
        }
        if view.missing.contains(&Missing::Residence) {
            let (days, from, on) = (view.days_left, self.plain_day(&view.counted_from, today), self.plain_day(&view.on, today));
            return self.pick(
                format!("还差 {days} 天：从{from}起算，{on}可以申领{kind}"),
                format!("{days} days to go: counted from {from}, {kind} can be asked for on {on}"),
            );
        }
        self.pick(format!("可以申领{kind}了"), format!("{kind}: can be asked for now"))
    }

    /// The day that does not count, and what it would have given. Both dates are shown.
    pub fn permit_other_day(self, from: &str, on: &str, counted_is_report: bool, today: &str) -> String {
        let (from, on) = (self.plain_day(from, today), self.plain_day(on, today));
        if counted_is_report {
            self.pick(
                format!("按房东报送日算；本人申报是{from}，按那天算是{on}"),
                format!("Counted from the landlord's report; declared on {from}, which would give {on}"),
            )
        } else {
            self.pick(
                format!("房东{from}报送，按报送日算是{on}；以本人申报为准"),
                format!("Reported by the landlord on {from}, which would give {on}; the resident's own declaration counts"),
            )
        }
    }

    /// What is missing for an application.
    pub fn permit_missing(self, missing: Missing) -> &'static str {
        match missing {
            Missing::Registration => self.pick("没有有效的居住登记", "No registration stands"),
            Missing::Residence => self.pick("居住时间还没满", "Not long enough yet"),
            Missing::Ground => self.pick(
                "还缺：就业、住所或就读的证明，有一样就行",
                "Still missing: proof of work, dwelling or schooling; one is enough",
            ),
            Missing::Dwelling => self.pick("还缺：固定住所的证明", "Still missing: proof of a fixed dwelling"),
            Missing::Work => self.pick("还缺：稳定工作或收入的证明", "Still missing: proof of stable work or income"),
        }
    }

    /// What changed and has to follow on the card.
    pub fn permit_change_due(self, what: PermitEventKind) -> &'static str {
        match what {
            PermitEventKind::EmployerChange => {
                self.pick("工作单位换了，服务处所要变更", "The holder works elsewhere: it has to be reported for the card")
            }
            _ => self.pick("住处换了，证上地址要变更", "The holder moved: the address on the card has to follow"),
        }
    }

    /// What changed and has to follow on the card, and by when.
    pub fn permit_change_by(self, what: PermitEventKind, by: &str, today: &str) -> String {
        let what = self.permit_change_due(what);
        if by.is_empty() {
            return what.to_owned();
        }
        let by = self.plain_day(by, today);
        self.pick(format!("{what}（{by}前申报）"), format!("{what} (by {by})"))
    }

    /// Why a card has to be ended.
    pub fn permit_to_end(self, reason: EndReason) -> &'static str {
        match reason {
            EndReason::Death => self.pick(
                "登记已因死亡注销，居住证也要收回注销",
                "The registration ended with a death: the card has to be ended too",
            ),
            _ => self.pick(
                "登记已因转为本地户口注销，居住证也要收回注销",
                "The registration ended because its holder became a local: the card has to be ended too",
            ),
        }
    }

    /// Where an application stands.
    pub fn application_state(self, state: ApplicationState) -> &'static str {
        match state {
            ApplicationState::MaterialMissing => self.pick("材料待补", "Papers missing"),
            ApplicationState::Accepted => self.pick("已受理", "Accepted"),
            ApplicationState::Review => self.pick("审核中", "In review"),
            ApplicationState::Approved => self.pick("待制证", "Approved"),
            ApplicationState::Refused => self.pick("不予办理", "Refused"),
            ApplicationState::Issued => self.pick("已签发", "Issued"),
        }
    }

    /// Where a permit stands.
    pub fn permit_standing(self, standing: Standing) -> &'static str {
        match standing {
            Standing::ToHandOut => self.pick("待发放", "To hand out"),
            Standing::Valid => self.pick("有效", "Valid"),
            Standing::EndorseDue => self.pick("该签注了", "To be endorsed"),
            Standing::Suspended => self.pick("使用功能中止", "Suspended"),
            Standing::Expired => self.pick("已过期", "Expired"),
            Standing::Ended => self.pick("已注销", "Ended"),
        }
    }

    /// Why a permit cannot be endorsed now.
    pub fn no_endorsement(self, why: NoEndorsement, today: &str) -> String {
        match why {
            NoEndorsement::TooEarly(on) => {
                let on = self.plain_day(&on.to_string(), today);
                self.pick(format!("{on}起可以签注"), format!("Can be endorsed from {on}"))
            }
            NoEndorsement::NotEndorsed => self.pick("这张证不用签注", "This card is not endorsed").to_owned(),
            NoEndorsement::ConditionsNotMet => self
                .pick(
                    "居住登记已注销，不再符合条件，由派出所决定",
                    "No registration stands: the conditions are not met, the station decides",
                )
                .to_owned(),
        }
    }

    /// From when to when a permit is endorsed.
    pub fn endorse_window(self, from: &str, by: &str, today: &str) -> String {
        let (from, by) = (self.plain_day(from, today), self.plain_day(by, today));
        self.pick(format!("{from}到{by}"), format!("{from} to {by}"))
    }

    /// What is still missing, told once.
    pub fn still_missing(self, materials: &str) -> String {
        self.pick(format!("还缺：{materials}"), format!("Still missing: {materials}"))
    }

    /// What a permit gives under a pack: a title, lines, and where they stand.
    pub fn permit_gives(self, pack: &str) -> Vec<(&'static str, Vec<&'static str>, &'static str)> {
        let lines = |lines: &[(&'static str, &'static str)]| lines.iter().map(|(zh, en)| self.pick(*zh, *en)).collect();
        if pack.starts_with("zj-2009") {
            let title = self.pick("居住证的四项功能", "The four functions");
            let source = self.pick(
                "依据：常山县人民政府办公室文件，常政办发〔2010〕176号",
                "Source: Changshan county government office, document 176 of 2010",
            );
            return vec![(title, lines(FUNCTIONS), source)];
        }
        let source = |article: (&'static str, &'static str)| self.pick(article.0, article.1);
        vec![
            (
                self.pick("六项基本公共服务", "Six public services"),
                lines(SERVICES),
                source(("依据：居住证暂行条例第十二条", "Source: Interim Regulations on Residence Permits, article 12")),
            ),
            (
                self.pick("七项便利", "Seven conveniences"),
                lines(CONVENIENCES),
                source(("依据：居住证暂行条例第十三条", "Source: Interim Regulations on Residence Permits, article 13")),
            ),
        ]
    }

    /// What the rules ask, for the card that is shown.
    pub fn permit_conditions(self, rules: &PermitRules) -> Vec<String> {
        let months = |count: u32| match count {
            6 => self.pick("半年".to_owned(), "half a year".to_owned()),
            count if count % 12 == 0 => {
                let years = count / 12;
                self.pick(format!("{years} 年"), format!("{years} years"))
            }
            count => self.pick(format!("{count} 个月"), format!("{count} months")),
        };
        let mut lines = Vec::new();
        let least = months(rules.min_months);
        if let Some((short, long)) = rules.temporary_months.filter(|_| rules.after_temporary) {
            let (short, long) = (months(short), months(long));
            lines.push(self.pick(
                format!("登记后申领临时居住证，有效期{short}到{long}。"),
                format!("After registering: a temporary permit, valid from {short} to {long}."),
            ));
            lines.push(self.pick(
                format!("持临时居住证、连续居住满{least}，可以申领居住证。"),
                format!("With the temporary permit and {least} of continuous residence: the permit."),
            ));
        } else {
            lines.push(self.pick(
                format!("从本人申报居住登记那天算起，住满{least}。"),
                format!("Live here for {least}, counted from the day you registered yourself."),
            ));
        }
        lines.push(if rules.all_grounds { self.permit_info_both() } else { self.permit_info_one_of() }.to_owned());
        if let Some((cycle, window)) = rules.endorsement {
            let (cycle, window) = (months(cycle), months(window));
            lines.push(self.pick(
                format!("每满{cycle}前{window}内签注一次。没签注的，使用功能中止；补签注后恢复，但连续居住年限重新算。"),
                format!("Endorsed every {cycle}, within {window} before. Missed, its function rests; made up for, it is restored, and the years begin again."),
            ));
        }
        if let Some(validity) = rules.validity_months {
            let validity = months(validity);
            lines.push(self.pick(format!("居住证有效期{validity}。"), format!("A permit is valid for {validity}.")));
        }
        lines
    }

    /// A step of the station's, as its button says it.
    pub fn permit_step(self, step: PermitStep) -> &'static str {
        match step {
            PermitStep::Review => self.pick("开始审核", "Start the review"),
            PermitStep::Approve => self.pick("同意，准予制证", "Approve"),
            PermitStep::Refuse => self.pick("不予办理", "Refuse"),
            PermitStep::Issue => self.pick("签发证件", "Issue the card"),
            PermitStep::HandOut => self.pick("窗口发放", "Hand it out at the counter"),
            PermitStep::Endorse => self.pick("签注", "Endorse"),
            PermitStep::Reissue => self.pick("签发补（换）证", "Issue the replacement"),
            PermitStep::Renew => self.pick("延期", "Renew"),
            PermitStep::End => self.pick("注销证件", "End the permit"),
            PermitStep::Damaged => self.pick("损坏换领", "Damaged: replace it"),
            PermitStep::Lost => self.pick("遗失补领", "Lost: replace it"),
            PermitStep::ChangeAddress => self.pick("居住地址变更", "Address changed"),
            PermitStep::ChangeEmployer => self.pick("服务处所变更", "Employer changed"),
            PermitStep::IssueTemporary => self.permit_do_issue_temporary(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::permit::PermitKind;
    use domain::policy::PolicyBook;

    use super::*;
    use crate::words::{BOTH, assert_spoken};

    const TODAY: &str = "2026-06-17";

    fn view(missing: Vec<Missing>) -> EligibilityView {
        EligibilityView {
            kind: PermitKind::Residence,
            may_apply: missing.is_empty(),
            counted_from: "2026-01-10".to_owned(),
            on: "2026-07-10".to_owned(),
            other: None,
            days_left: 23,
            grounds: Vec::new(),
            missing,
        }
    }

    #[test]
    fn eligibility_is_one_sentence() {
        let sentence = BOTH[0].permit_eligibility(&view(vec![Missing::Residence]), TODAY);
        assert_eq!(sentence, "还差 23 天：从1月10日起算，7月10日可以申领浙江省居住证");
        assert_eq!(BOTH[0].permit_eligibility(&view(Vec::new()), TODAY), "可以申领浙江省居住证了");
        for words in BOTH {
            for missing in [Missing::Registration, Missing::Residence, Missing::Ground, Missing::Dwelling, Missing::Work] {
                assert_spoken(words, words.permit_missing(missing), &format!("{missing:?}"));
                assert_spoken(words, &words.permit_eligibility(&view(vec![missing]), TODAY), &format!("{missing:?}"));
            }
            for counted in [true, false] {
                assert_spoken(words, &words.permit_other_day("2026-01-14", "2026-07-14", counted, TODAY), "the other day");
            }
        }
    }

    #[test]
    fn every_state_and_step_is_named() {
        use ApplicationState as App;
        for words in BOTH {
            for state in [App::MaterialMissing, App::Accepted, App::Review, App::Approved, App::Refused, App::Issued] {
                assert_spoken(words, words.application_state(state), &format!("{state:?}"));
            }
            for standing in [
                Standing::ToHandOut,
                Standing::Valid,
                Standing::EndorseDue,
                Standing::Suspended,
                Standing::Expired,
                Standing::Ended,
            ] {
                assert_spoken(words, words.permit_standing(standing), &format!("{standing:?}"));
            }
            let on = "2026-07-10".parse().expect("a date");
            for why in [NoEndorsement::TooEarly(on), NoEndorsement::NotEndorsed, NoEndorsement::ConditionsNotMet] {
                assert_spoken(words, &words.no_endorsement(why, TODAY), &format!("{why:?}"));
            }
            for what in [PermitEventKind::AddressChange, PermitEventKind::EmployerChange] {
                assert_spoken(words, words.permit_change_due(what), &format!("{what:?}"));
                assert_spoken(words, &words.permit_change_by(what, "2026-07-10", TODAY), &format!("{what:?}"));
            }
            for reason in [EndReason::Hukou, EndReason::Death] {
                assert_spoken(words, words.permit_to_end(reason), &format!("{reason:?}"));
            }
            assert_spoken(words, &words.endorse_window("2026-06-10", "2026-07-10", TODAY), "a window");
            assert_spoken(words, &words.still_missing(words.permit_section()), "missing");
            for step in [
                PermitStep::Review,
                PermitStep::Approve,
                PermitStep::Refuse,
                PermitStep::Issue,
                PermitStep::HandOut,
                PermitStep::Endorse,
                PermitStep::Reissue,
                PermitStep::Renew,
                PermitStep::End,
                PermitStep::Damaged,
                PermitStep::Lost,
                PermitStep::ChangeAddress,
                PermitStep::ChangeEmployer,
                PermitStep::IssueTemporary,
            ] {
                assert_spoken(words, words.permit_step(step), &format!("{step:?}"));
            }
        }
    }

    #[test]
    fn the_card_says_the_conditions_of_the_rules_in_force() {
        let book = PolicyBook::default();
        let rules = |on: &str| PermitRules::on(&book, on.parse().expect("a date")).expect("rules");
        for words in BOTH {
            for on in ["2012-01-01", "2026-01-01"] {
                for line in words.permit_conditions(&rules(on)) {
                    assert_spoken(words, &line, on);
                }
            }
        }
        for words in BOTH {
            for (pack, lists) in [("zj-2009", vec![4]), ("zj-2016", vec![6, 7])] {
                let given = words.permit_gives(pack);
                assert_eq!(given.iter().map(|(_, lines, _)| lines.len()).collect::<Vec<_>>(), lists, "{pack}");
                given.into_iter().flat_map(|(title, lines, source)| [vec![title, source], lines].concat()).for_each(|line| {
                    assert_spoken(words, line, pack);
                });
            }
        }
        let lines = BOTH[0].permit_conditions(&rules("2012-01-01"));
        assert_eq!(lines[0], "登记后申领临时居住证，有效期半年到3 年。");
        assert!(BOTH[0].permit_conditions(&rules("2026-01-01"))[0].contains("住满半年"));
    }
}
