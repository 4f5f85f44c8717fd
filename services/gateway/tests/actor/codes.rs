//! Section 4 of the wire contract, code by code: each is provoked on a real call through the venue,
//! and what the gateway did about it is looked at. One test per code.

mod checks;
mod refusals;
pub mod scene;
mod strange;

use std::collections::BTreeSet;

use binance::{Reaction, reaction};

use checks::*;
use refusals::*;

/// Every code that the contract names: section 4, then sections 1.6 and 2.4.
const CONTRACT: &[i32] = &[
    -1000, -1001, -1003, -1006, -1007, -1008, -1013, -1015, -1020, -1021, -5028, -1022, -1100,
    -1101, -1102, -1104, -1105, -1106, -1111, -1115, -1116, -1117, -1121, -1125, -1130, -2011,
    -2013, -2014, -2015, -2018, -2019, -2020, -2021, -2022, -2023, -2024, -2025, -2026, -2027,
    -2028, -4001, -4002, -4006, -4007, -4003, -4004, -4005, -4013, -4014, -4015, -4016, -4024,
    -4023, -4028, -4045, -4046, -4047, -4048, -4059, -4060, -4061, -4062, -4067, -4068, -4087,
    -4088, -4109, -4116, -4117, -4118, -4120, -4130, -4131, -4135, -4136, -4137, -4138, -4140,
    -4141, -4142, -4161, -4164, -4183, -4184, -4210, -4211, -4192, -4400, -4401, -4411, -4509,
    -4531, -5000, -5021, -5022, -5024, -5025, -5026, -5027, -5029, -5043, -5047, -5037, -5038,
    -5039, -5040, -5041, -1002, -4168,
];

/// The tests by code: `code_<number>_<what follows>`, and what is looked at.
macro_rules! by_code {
    ($($code:literal $name:ident $check:ident;)*) => {
        $(#[test] fn $name() { $check(-$code); })*
        /// The codes that have a test.
        const TESTED: &[i32] = &[$(-$code),*];
    };
}

by_code! {
    1000 code_1000_is_asked_about_before_anything_else an_open_outcome_is_asked_about;
    1001 code_1001_is_asked_about_before_anything_else an_open_outcome_is_asked_about;
    1006 code_1006_is_asked_about_before_anything_else an_open_outcome_is_asked_about;
    1007 code_1007_is_asked_about_before_anything_else an_open_outcome_is_asked_about;
    1008 code_1008_is_asked_about_before_anything_else an_open_outcome_is_asked_about;
    4116 code_4116_is_asked_about_by_its_name an_open_outcome_is_asked_about;
    1003 code_1003_holds_everything_back_until_the_wait_is_over a_limit_is_waited_for;
    1015 code_1015_holds_ordinary_orders_back_until_the_window_is_over a_limit_is_waited_for;
    1021 code_1021_measures_the_clock_and_sends_the_same_order_once_more the_clock_is_measured;
    5028 code_5028_measures_the_clock_and_sends_the_same_order_once_more the_clock_is_measured;
    1125 code_1125_makes_a_new_listen_key a_new_listen_key_is_asked_for;
    2011 code_2011_on_a_cancel_asks_where_the_order_is a_refused_cancel_is_not_believed;
    2013 code_2013_is_believed_of_both_books_only_and_not_at_once absence_is_believed_late;
    4117 code_4117_asks_until_the_stop_has_ended a_firing_stop_is_asked_for_until_it_ends;
    2021 code_2021_is_told_at_once_and_nothing_is_sent_again the_level_is_breached;
    4142 code_4142_is_told_at_once_and_nothing_is_sent_again the_level_is_breached;
    2020 code_2020_rereads_the_position the_position_is_read;
    2022 code_2022_rereads_the_position_and_is_no_proof_of_flat the_position_is_read;
    2024 code_2024_rereads_the_position the_position_is_read;
    4118 code_4118_reads_the_blockers_and_the_close_goes_once_they_are_gone blockers_are_freed;
    4130 code_4130_adopts_the_existing_stop the_existing_stop_is_adopted;
    4509 code_4509_is_tried_again_for_a_moment passes_by_itself;
    4131 code_4131_is_tried_again_for_a_moment passes_by_itself;
    1111 code_1111_refreshes_the_filters filters_are_read;
    1121 code_1121_refreshes_the_filters filters_are_read;
    4002 code_4002_refreshes_the_filters filters_are_read;
    4004 code_4004_refreshes_the_filters filters_are_read;
    4005 code_4005_refreshes_the_filters_so_that_the_next_is_split filters_are_read;
    4007 code_4007_refreshes_the_filters filters_are_read;
    4013 code_4013_refreshes_the_filters filters_are_read;
    4014 code_4014_refreshes_the_filters filters_are_read;
    4023 code_4023_refreshes_the_filters filters_are_read;
    4140 code_4140_refreshes_the_filters filters_are_read;
    4141 code_4141_refreshes_the_filters filters_are_read;
    4164 code_4164_refreshes_the_filters_so_that_legs_are_merged filters_are_read;
    4016 code_4016_is_told_to_be_priced_anew priced_anew;
    4024 code_4024_is_told_to_be_priced_anew priced_anew;
    4183 code_4183_is_told_to_be_priced_anew priced_anew;
    4184 code_4184_is_told_to_be_priced_anew priced_anew;
    4210 code_4210_is_told_to_be_priced_anew priced_anew;
    4211 code_4211_is_told_to_be_priced_anew priced_anew;
    4060 code_4060_rereads_the_position_mode the_mode_is_read;
    4061 code_4061_rereads_the_position_mode the_mode_is_read;
    4062 code_4062_rereads_the_position_mode the_mode_is_read;
    1002 code_1002_stops_trading_and_alarms trading_stops;
    1022 code_1022_stops_trading_and_alarms trading_stops;
    2014 code_2014_stops_trading_and_alarms trading_stops;
    2015 code_2015_stops_trading_and_alarms trading_stops;
    4109 code_4109_stops_trading_and_alarms trading_stops;
    2025 code_2025_alarms_and_reads_both_books_for_the_sweep leftovers_are_read;
    4045 code_4045_alarms_and_reads_both_books_for_the_sweep leftovers_are_read;
    4046 code_4046_is_as_wished_and_no_alarm already_so;
    4059 code_4059_is_as_wished_and_no_alarm already_so;
    2018 code_2018_alarms_once_and_protection_rests a_human_is_called;
    2019 code_2019_alarms_once_and_protection_rests a_human_is_called;
    2023 code_2023_alarms_once_and_protection_rests a_human_is_called;
    2027 code_2027_alarms_once_and_protection_rests a_human_is_called;
    2028 code_2028_alarms_once_and_protection_rests a_human_is_called;
    4028 code_4028_alarms_once_and_protection_rests a_human_is_called;
    4047 code_4047_alarms_once_and_protection_rests a_human_is_called;
    4048 code_4048_alarms_once_and_protection_rests a_human_is_called;
    4067 code_4067_alarms_once_and_protection_rests a_human_is_called;
    4068 code_4068_alarms_once_and_protection_rests a_human_is_called;
    4087 code_4087_alarms_once_and_protection_rests a_human_is_called;
    4088 code_4088_alarms_once_and_protection_rests a_human_is_called;
    4161 code_4161_alarms_once_and_protection_rests a_human_is_called;
    4168 code_4168_alarms_once_and_protection_rests a_human_is_called;
    4192 code_4192_alarms_once_and_protection_rests a_human_is_called;
    4400 code_4400_alarms_once_and_protection_rests a_human_is_called;
    4401 code_4401_alarms_once_and_protection_rests a_human_is_called;
    4411 code_4411_alarms_once_and_protection_rests a_human_is_called;
    4531 code_4531_alarms_once_and_protection_rests a_human_is_called;
    1013 code_1013_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1020 code_1020_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1100 code_1100_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1101 code_1101_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1102 code_1102_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1104 code_1104_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1105 code_1105_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1106 code_1106_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1115 code_1115_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1116 code_1116_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1117 code_1117_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    1130 code_1130_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    2026 code_2026_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    4001 code_4001_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    4003 code_4003_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    4006 code_4006_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    4015 code_4015_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    4120 code_4120_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    4135 code_4135_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    4136 code_4136_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    4137 code_4137_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    4138 code_4138_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5000 code_5000_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5021 code_5021_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5022 code_5022_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5024 code_5024_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5025 code_5025_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5026 code_5026_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5027 code_5027_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5029 code_5029_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5037 code_5037_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5038 code_5038_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5039 code_5039_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5040 code_5040_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5041 code_5041_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5043 code_5043_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
    5047 code_5047_is_a_bug_of_ours_and_not_sent_again a_human_is_called;
}

#[test]
fn every_code_of_the_contract_has_a_row_and_a_test_and_no_other_code_has() {
    let contract: BTreeSet<i32> = CONTRACT.iter().copied().collect();
    let tested: BTreeSet<i32> = TESTED.iter().copied().collect();
    let named: BTreeSet<i32> = (-9_999..=0)
        .filter(|code| reaction(*code) != Reaction::Reconcile)
        .collect();
    assert_eq!(contract.len(), CONTRACT.len(), "a code stands twice");
    assert_eq!(tested.len(), TESTED.len(), "a code is tested twice");
    assert_eq!(tested, contract);
    assert_eq!(named, contract);
}
