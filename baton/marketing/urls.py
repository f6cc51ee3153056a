"""Contents page: every address of this side."""

from django.urls import URLPattern, URLResolver, path

from baton.marketing.campaigns import views as campaigns
from baton.marketing.deliverability import views as deliverability
from baton.marketing.drafting import editor_views as editor
from baton.marketing.drafting import picture_views as pictures
from baton.marketing.drafting import product_views as products
from baton.marketing.drafting import views as drafting
from baton.marketing.email import views as emails
from baton.marketing.email_report import views as reports
from baton.marketing.forms import public as public_forms
from baton.marketing.forms import remote as remote_forms
from baton.marketing.forms import views as forms
from baton.marketing.lists import views as lists
from baton.marketing.pacing import views as pacing
from baton.marketing.preflight import views as preflight
from baton.marketing.reading import public as reading
from baton.marketing.scoring import views as scoring
from baton.marketing.segments import views as segments
from baton.marketing.transactional import views as transactional
from baton.marketing.trials import views as trials

urlpatterns: list[URLPattern | URLResolver] = [
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/new/", campaigns.new_campaign, name="new_campaign"),
    path("campaigns/<int:campaign_id>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/edit/", campaigns.edit_campaign, name="edit_campaign"),
    path(
        "campaigns/<int:campaign_id>/segments/<int:segment_id>/remove/",
        campaigns.remove_segment_from_campaign,
        name="remove_segment_from_campaign",
    ),
    path("campaigns/<int:campaign_id>/costs/add/", campaigns.add_cost, name="add_cost"),
    path("lists/", lists.contact_lists, name="contact_lists"),
    path("lists/new/", lists.new_contact_list, name="new_contact_list"),
    path("lists/put-on/", lists.put_on_contact_list, name="put_on_contact_list"),
    path("lists/<int:list_id>/", lists.contact_list, name="contact_list"),
    path("lists/<int:list_id>/rename/", lists.rename_contact_list, name="rename_contact_list"),
    path("lists/<int:list_id>/paste/", lists.paste_on_contact_list, name="paste_on_contact_list"),
    path("lists/<int:list_id>/take-off/", lists.take_off_contact_list, name="take_off_contact_list"),
    path("lists/<int:list_id>/undo/<int:entry_id>/", lists.undo_contact_list, name="undo_contact_list"),
    path("lists/<int:list_id>/segment/", lists.segment_of_contact_list, name="segment_of_contact_list"),
    path("lists/<int:list_id>/bin/", lists.bin_contact_list, name="bin_contact_list"),
    path("lists/<int:list_id>/restore/", lists.restore_contact_list, name="restore_contact_list"),
    path("lists/<int:list_id>/list.csv", lists.contact_list_csv, name="contact_list_csv"),
    path("segments/", segments.segment_list, name="segments"),
    path("segments/new/", segments.new_segment, name="new_segment"),
    path("segments/preview/", segments.preview_segment, name="preview_segment"),
    path("segments/schema.json", segments.segment_schema, name="segment_schema"),
    path("segments/tree/", segments.segment_tree, name="segment_tree"),
    path("segments/<int:segment_id>/", segments.segment, name="segment"),
    path("segments/<int:segment_id>/filling/", segments.segment_filling, name="segment_filling"),
    path("segments/<int:segment_id>/edit/", segments.edit_segment, name="edit_segment"),
    path("segments/<int:segment_id>/bin/", segments.bin_segment, name="bin_segment"),
    path("segments/<int:segment_id>/list/", lists.put_segment_on_contact_list, name="put_segment_on_contact_list"),
    path("segments/<int:segment_id>/campaign/", campaigns.add_segment_to_campaign, name="add_segment_to_campaign"),
    path("segments/<int:segment_id>/members.csv", segments.segment_csv, name="segment_csv"),
    path("emails/pictures/", pictures.picture_list, name="pictures"),
    path("emails/pictures/add/", pictures.add_picture, name="add_picture"),
    path("emails/pictures/<int:picture_id>/describe/", pictures.describe_picture, name="describe_picture"),
    path("emails/pictures/<int:picture_id>/hide/", pictures.hide_picture, name="hide_picture"),
    path("i/<str:token>", pictures.mail_picture, name="mail_picture"),
    path("emails/", emails.email_list, name="emails"),
    path("emails/new/", emails.new_email, name="new_email"),
    path("emails/<int:email_id>/", emails.email, name="email"),
    path("emails/<int:email_id>/edit/", emails.edit_email, name="edit_email"),
    path("emails/<int:email_id>/preview/", emails.preview_email, name="preview_email"),
    path("emails/people.json", editor.preview_people, name="preview_people"),
    path("emails/products/", products.products_for_email, name="products_for_email"),
    path("emails/designs/<slug:key>/", editor.preview_design, name="preview_design"),
    path("emails/<int:email_id>/visual/", editor.visual_editor, name="visual_editor"),
    path("emails/<int:email_id>/visual/save/", editor.save_visual, name="save_visual"),
    path("emails/<int:email_id>/visual/preview/", editor.preview_visual, name="preview_visual"),
    path("emails/<int:email_id>/versions/", drafting.email_versions, name="email_versions"),
    path(
        "emails/<int:email_id>/versions/<int:number>/bring-back/",
        drafting.bring_back_version,
        name="bring_back_version",
    ),
    path("emails/<int:email_id>/text/", emails.plain_text_anew, name="plain_text_anew"),
    path("emails/<int:email_id>/test/", emails.test_email, name="test_email"),
    path("emails/<int:email_id>/send/", emails.send_email, name="send_email"),
    path("emails/<int:email_id>/preflight/", preflight.preflight, name="preflight"),
    path("emails/<int:email_id>/preflight/override/", preflight.override_finding, name="override_finding"),
    path("emails/<int:email_id>/preflight/look/", preflight.look_again, name="look_again"),
    path("emails/<int:email_id>/pause/", emails.move_email, {"verb": "pause"}, name="pause_email"),
    path("emails/<int:email_id>/resume/", emails.move_email, {"verb": "resume"}, name="resume_email"),
    path("emails/<int:email_id>/cancel/", emails.move_email, {"verb": "cancel"}, name="cancel_email"),
    path("emails/<int:email_id>/live/", emails.go_live_email, name="go_live_email"),
    path("emails/<int:email_id>/take-back/", emails.move_email, {"verb": "take_back"}, name="take_back_email"),
    path("emails/<int:email_id>/resend/", emails.resend_email, name="resend_email"),
    path("emails/<int:email_id>/ab-test/", trials.ab_test, name="ab_test"),
    path("emails/<int:email_id>/ab-test/edit/", trials.edit_ab_test, name="edit_ab_test"),
    path("emails/<int:email_id>/ab-test/drop/", trials.drop_ab_test, name="drop_ab_test"),
    path("emails/<int:email_id>/ab-test/winner/", trials.choose_ab_winner, name="choose_ab_winner"),
    path("emails/<int:email_id>/ab-test/<slug:letter>/preview/", trials.preview_variant, name="preview_variant"),
    path("emails/<int:email_id>/copy/", emails.copy_email, name="copy_email"),
    path("emails/<int:email_id>/map/", reports.email_map, name="email_map"),
    path("emails/<int:email_id>/people/", reports.email_people, name="email_people"),
    path("emails/<int:email_id>/people.csv", reports.email_people_csv, name="email_people_csv"),
    path("emails/<int:email_id>/people/segment/", reports.segment_of_people, name="segment_of_people"),
    path("emails/transactional/", transactional.transactional, name="transactional"),
    path("emails/transactional/templates/new/", transactional.new_mail_template, name="new_mail_template"),
    path("emails/transactional/templates/<int:template_id>/", transactional.mail_template, name="mail_template"),
    path(
        "emails/transactional/templates/<int:template_id>/edit/",
        transactional.edit_mail_template,
        name="edit_mail_template",
    ),
    path(
        "emails/transactional/templates/<int:template_id>/preview/",
        transactional.preview_mail_template,
        name="preview_mail_template",
    ),
    path(
        "emails/transactional/templates/<int:template_id>/test/",
        transactional.test_mail_template,
        name="test_mail_template",
    ),
    path(
        "emails/transactional/templates/<int:template_id>/bin/",
        transactional.bin_mail_template,
        name="bin_mail_template",
    ),
    path("emails/transactional/mails/<int:mail_id>/", transactional.transactional_mail, name="transactional_mail"),
    path(
        "emails/transactional/mails/<int:mail_id>/decide/",
        transactional.decide_transactional,
        name="decide_transactional",
    ),
    path("deliverability/", deliverability.deliverability, name="deliverability"),
    path("deliverability/returns/", deliverability.return_list, name="returns"),
    path("deliverability/returns/<int:return_id>/", deliverability.return_page, name="return"),
    path("deliverability/domains/", preflight.sending_domains, name="sending_domains"),
    path("deliverability/warm-up/", pacing.warm_ups, name="warm_ups"),
    path("deliverability/warm-up/new/", pacing.new_warm_up, name="new_warm_up"),
    path("deliverability/warm-up/<int:warm_up_id>/", pacing.edit_warm_up, name="edit_warm_up"),
    path("deliverability/warm-up/<int:warm_up_id>/end/", pacing.end_warm_up, name="end_warm_up"),
    path("deliverability/held/<int:hold_id>/let-go/", pacing.let_lane_go, name="let_lane_go"),
    path("emails/<int:email_id>/throttle/", pacing.throttle_email, name="throttle_email"),
    path("deliverability/rules/", deliverability.mail_rules, name="mail_rules"),
    path("deliverability/never/", deliverability.suppressions, name="suppressions"),
    path("deliverability/never/add/", deliverability.suppress, name="suppress"),
    path("deliverability/never/<int:suppression_id>/lift/", deliverability.lift_suppression, name="lift_suppression"),
    path("deliverability/unknown/", deliverability.decide_unknown, name="decide_unknown"),
    path("c/<str:token>", reading.click, name="mail_click"),
    path("o/<str:token>.gif", reading.opened, name="mail_open"),
    path("forms/", forms.form_list, name="forms"),
    path("forms/new/", forms.new_form, name="new_form"),
    path("forms/confirmation-template/", forms.new_confirmation_template, name="new_confirmation_template"),
    path("forms/<int:form_id>/", forms.form_page, name="form"),
    path("forms/<int:form_id>/edit/", forms.edit_form, name="edit_form"),
    path("forms/<int:form_id>/submissions.csv", forms.submissions_csv, name="submissions_csv"),
    path("f/<slug:slug>/", public_forms.show_form, name="public_form"),
    path("f/<slug:slug>/send.json", remote_forms.send_json, name="send_form_json"),
    path("f/<slug:slug>/embed.js", remote_forms.embed_script, name="embed_form"),
    path("scoring/", scoring.scoring, name="scoring"),
    path("scoring/new/<slug:kind>/", scoring.new_score_rule, name="new_score_rule"),
    path("scoring/<int:rule_id>/edit/", scoring.edit_score_rule, name="edit_score_rule"),
    path("scoring/<int:rule_id>/change/", scoring.change_score_rule, name="change_score_rule"),
]
