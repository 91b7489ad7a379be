-- Every invariant of the gallery that a damaged disk, a wrong restore or a hand at the database
-- can break. One row a finding; no row means sound. Foreign keys are checked again, since
-- damage and restores do not pass through them.
CREATE FUNCTION verify_integrity()
RETURNS TABLE (code text, relation text, row_id text, detail text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public
AS $function$
DECLARE
    model record;
    embeddings text;
    send text;
    embedded text := '';
BEGIN
    RETURN QUERY
        SELECT 'orphan', 'subject', s.id::text, 'Its collection does not exist.'
        FROM public.subject s
        WHERE NOT EXISTS (SELECT FROM public.collection c WHERE c.id = s.collection_id);
    RETURN QUERY
        SELECT 'orphan', 'subject_key', k.subject_id::text, 'Its subject does not exist.'
        FROM public.subject_key k
        WHERE NOT EXISTS (SELECT FROM public.subject s WHERE s.id = k.subject_id);
    RETURN QUERY
        SELECT 'orphan', 'face', f.id::text, 'Its subject does not exist.'
        FROM public.face f
        WHERE NOT EXISTS (SELECT FROM public.subject s WHERE s.id = f.subject_id);
    RETURN QUERY
        SELECT 'orphan', 'crop', p.face_id::text, 'Its face does not exist.'
        FROM public.crop p
        WHERE NOT EXISTS (SELECT FROM public.face f WHERE f.id = p.face_id);
    RETURN QUERY
        SELECT 'orphan', t.relname::text, t.oid::text, 'Its model version does not exist.'
        FROM pg_class t
        WHERE t.relnamespace = 'public'::regnamespace
          AND t.relkind = 'r'
          AND t.relname ~ '^embedding_[0-9]+$'
          AND NOT EXISTS (
              SELECT FROM public.model_version m WHERE 'embedding_' || m.id = t.relname
          );
    RETURN QUERY
        SELECT 'subject-without-key', 'subject', s.id::text, 'No key to seal its crops with.'
        FROM public.subject s
        WHERE NOT EXISTS (SELECT FROM public.subject_key k WHERE k.subject_id = s.id);
    RETURN QUERY
        SELECT 'crop-without-key', 'crop', p.face_id::text, 'Its subject has no key to open it.'
        FROM public.crop p
        JOIN public.face f ON f.id = p.face_id
        WHERE NOT EXISTS (SELECT FROM public.subject_key k WHERE k.subject_id = f.subject_id);
    RETURN QUERY
        SELECT 'consent-incomplete', 'subject', s.id::text,
               'Its consent names no legal basis or no purpose.'
        FROM public.subject s
        WHERE coalesce(btrim(s.consent_legal_basis), '') = ''
           OR coalesce(btrim(s.consent_purpose), '') = '';

    FOR model IN SELECT * FROM public.model_version ORDER BY id LOOP
        embeddings := format('embedding_%s', model.id);
        IF to_regclass('public.' || embeddings) IS NULL THEN
            RETURN QUERY SELECT 'model-table-missing', 'model_version', model.id::text,
                format('%s@%s has no table %s.', model.name, model.version, embeddings);
            CONTINUE;
        END IF;
        RETURN QUERY EXECUTE format($query$
            SELECT 'orphan', %1$L, e.face_id::text, 'Its face does not exist.'
            FROM public.%1$I e
            WHERE NOT EXISTS (SELECT FROM public.face f WHERE f.id = e.face_id)
            UNION ALL
            SELECT 'wrong-subject', %1$L, e.face_id::text,
                   format('It says subject %%s, its face says %%s.', e.subject_id, f.subject_id)
            FROM public.%1$I e
            JOIN public.face f ON f.id = e.face_id
            WHERE e.subject_id <> f.subject_id
            UNION ALL
            SELECT 'wrong-collection', %1$L, e.face_id::text,
                   format('It says collection %%s, its subject says %%s.',
                          e.collection_id, s.collection_id)
            FROM public.%1$I e
            JOIN public.face f ON f.id = e.face_id
            JOIN public.subject s ON s.id = f.subject_id
            WHERE e.collection_id <> s.collection_id
            UNION ALL
            SELECT 'wrong-model', %1$L, e.face_id::text,
                   format('It says model version %%s.', e.model_version_id)
            FROM public.%1$I e
            WHERE e.model_version_id <> %2$s
        $query$, embeddings, model.id);
        SELECT format('%s_send', y.typname) INTO STRICT send
        FROM pg_attribute a
        JOIN pg_type y ON y.oid = a.atttypid
        WHERE a.attrelid = to_regclass('public.' || embeddings) AND a.attname = 'embedding';
        -- NOT (… <= …) rather than > so that a length that is not a number is found too.
        RETURN QUERY EXECUTE format($query$
            SELECT 'embedding-not-unit', %1$L, e.face_id::text,
                   format('Its length is %%s.', sqrt(-(e.embedding <#> e.embedding)))
            FROM public.%1$I e
            WHERE NOT (abs(sqrt(-(e.embedding <#> e.embedding)) - 1) <= 0.001)
            UNION ALL
            SELECT 'embedding-checksum', %1$L, e.face_id::text,
                   'It is not the embedding that was stored.'
            FROM public.%1$I e
            WHERE sha256(%2$I(e.embedding)) <> e.checksum
        $query$, embeddings, send);
        embedded := embedded
            || format(' OR EXISTS (SELECT FROM public.%I e WHERE e.face_id = f.id)', embeddings);
    END LOOP;

    RETURN QUERY EXECUTE format($query$
        SELECT 'face-without-embedding', 'face', f.id::text, 'No model has an embedding of it.'
        FROM public.face f
        WHERE NOT (false%s)
    $query$, embedded);
END
$function$;

REVOKE EXECUTE ON FUNCTION verify_integrity() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION verify_integrity() TO bigbrother_face;
