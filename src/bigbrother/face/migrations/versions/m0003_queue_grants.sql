SET LOCAL search_path = public;
GRANT USAGE ON SCHEMA queue TO bigbrother_face;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue TO bigbrother_face;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA queue TO bigbrother_face;
