;; The core module with three of its cases, by `npm run docs`. Field offsets are those of src/aarch64/state.ts; the run
;; loop's locals are 0 the vCPU, 1 the record, 2 the page's records, 3 the TLB set, 4 the PC on its way to a lookup.
(module
  (import "env" "fetch" (func $fetch (param i32)))
  (import "env" "decode" (func $decode (param i32 i32)))
  (import "env" "attend" (func $attend (param i32)))
  (import "env" "system" (func $system (param i32 i32 i32) (result i32)))
  (import "env" "read" (func $read (param i32 i32) (result i32)))
  (import "env" "write" (func $write (param i32 i32) (result i32)))
  (import "env" "memory" (memory 1 1))
  (table (export "cold") 0 funcref)
  (func $slowRead (param i32 i64 i32) (result i32)
    (i64.store offset=1144 (local.get 0) (local.get 1))
    (return (call $read (local.get 0) (local.get 2))))
  (func $slowWrite (param i32 i64 i32) (result i32)
    (i64.store offset=1144 (local.get 0) (local.get 1))
    (return (call $write (local.get 0) (local.get 2))))
  (func $run (param i32)
    (local i32 i32 i32 i64 i32 i32 i64 i64 i64 i32)
    (loop $enter
      (if (i32.load offset=1128 (local.get 0))
        (then
          (return)))
      (if (i32.and (i32.load offset=1132 (local.get 0)) (i32.xor (i32.load offset=1060 (local.get 0)) (i32.const -1)))
        (then
          (call $attend (local.get 0))))
      (if (i32.le_s (i32.load offset=1120 (local.get 0)) (i32.const 0))
        (then
          (return)))
      (local.set 3 (i32.load offset=1136 (local.get 0)))
      (local.set 6 (i32.load offset=1120 (local.get 0)))
      (local.set 4 (i64.load offset=1096 (local.get 0)))
      (loop $lookup
        (block $leave
          (block $expired
            (block $far
              (if (i32.le_s (local.get 6) (i32.const 0))
                (then
                  (i64.store offset=1096 (local.get 0) (local.get 4))
                  (i32.store offset=1120 (local.get 0) (i32.add (local.get 6) (i32.load offset=1140 (local.get 0))))
                  (i32.store offset=1140 (local.get 0) (i32.const 0))
                  (br $enter)))
              (if (i32.eqz (i64.eq (i64.load offset=65536 (local.tee 5 (i32.add (i32.and (i32.wrap_i64 (i64.shr_u (local.get 4) (i64.const 8))) (i32.const 32752)) (local.get 3)))) (i64.and (local.get 4) (i64.const -4093))))
                (then
                  (i64.store offset=1096 (local.get 0) (local.get 4))
                  (i32.store offset=1120 (local.get 0) (local.get 6))
                  (call $fetch (local.get 0))
                  (br $enter)))
              (local.set 2 (i32.load offset=65544 (local.get 5)))
              (local.set 1 (i32.add (local.get 2) (i32.shl (i32.and (i32.wrap_i64 (local.get 4)) (i32.const 4092)) (i32.const 2))))
              (i32.store offset=1112 (local.get 0) (local.get 2))
              (i32.store offset=16400 (local.get 2) (i32.add (i32.load offset=16400 (local.get 2)) (i32.const 1)))
              (i64.store offset=1104 (local.get 0) (i64.and (local.get 4) (i64.const -4096)))
              (i32.store offset=1116 (local.get 0) (i32.add (local.get 1) (local.get 6)))
              (loop $next
                (block $cold
                  (block $LDR_STR_unsigned_offset_OPC_1_SIZE_3
                    (block $B_cond_COND_1
                      (block $SUBS_immediate_SF_1
                        (block $page-end
                          (block $undecoded
                            (br_table $undecoded $page-end $SUBS_immediate_SF_1 $B_cond_COND_1 $LDR_STR_unsigned_offset_OPC_1_SIZE_3 $cold (i32.load16_u (local.get 1))))
                          (call $decode (local.get 0) (local.get 1))
                          (br $next))
                        (local.set 4 (i64.add (i64.load offset=1104 (local.get 0)) (i64.extend_i32_u (i32.shr_u (i32.sub (local.get 1) (local.get 2)) (i32.const 2)))))
                        (local.set 6 (i32.sub (i32.load offset=1116 (local.get 0)) (local.get 1)))
                        (br $lookup))
                      (local.set 7 (i64.load (i32.add (local.get 0) (i32.load16_u offset=10 (local.get 1)))))
                      (local.set 8 (i64.load32_s offset=12 (local.get 1)))
                      (local.set 9 (i64.sub (local.get 7) (local.get 8)))
                      (i64.store offset=1024 (local.get 0) (local.get 9))
                      (i64.store offset=1032 (local.get 0) (local.get 9))
                      (i32.store offset=1048 (local.get 0) (i64.ge_u (local.get 7) (local.get 8)))
                      (i64.store offset=1040 (local.get 0) (i64.and (i64.xor (local.get 7) (local.get 8)) (i64.xor (local.get 7) (local.get 9))))
                      (i64.store (i32.add (local.get 0) (i32.load16_u offset=8 (local.get 1))) (local.get 9))
                      (local.set 1 (i32.add (local.get 1) (i32.const 16)))
                      (br $next))
                    (if (i32.eqz (i64.eqz (i64.load offset=1032 (local.get 0))))
                      (then
                        (local.set 5 (i32.load offset=12 (local.get 1)))
                        (br_if $far (i32.ge_u (i32.sub (i32.add (local.get 1) (local.get 5)) (local.get 2)) (i32.const 16384)))
                        (local.set 1 (i32.add (local.get 1) (local.get 5)))
                        (i32.store offset=1116 (local.get 0) (local.tee 5 (i32.add (i32.load offset=1116 (local.get 0)) (i32.sub (local.get 5) (i32.const 16)))))
                        (br_if $next (i32.gt_s (local.get 5) (local.get 1)))
                        (br $expired)))
                    (local.set 1 (i32.add (local.get 1) (i32.const 16)))
                    (br $next))
                  (local.set 8 (i64.load (if (result i32) (i64.eq (i64.load (local.tee 10 (i32.add (i32.and (i32.wrap_i64 (i64.shr_u (local.tee 7 (i64.add (i64.load (i32.add (local.get 0) (i32.load16_u offset=14 (local.get 1)))) (i64.load16_s offset=12 (local.get 1)))) (i64.const 8))) (i32.const 32752)) (local.get 3)))) (i64.and (i64.add (local.get 7) (i64.const 7)) (i64.const -4096)))
                    (then (i32.add (i32.load offset=8 (local.get 10)) (i32.wrap_i64 (local.get 7))))
                    (else
                      (i32.store offset=1124 (local.get 0) (local.get 1))
                      (local.set 10 (call $slowRead (local.get 0) (local.get 7) (i32.const 8)))
                      (if (i32.eqz (local.get 10))
                        (then
                          (br $leave))) (local.get 10)))))
                  (i64.store (i32.add (local.get 0) (i32.load16_u offset=10 (local.get 1))) (local.get 8))
                  (local.set 1 (i32.add (local.get 1) (i32.const 16)))
                  (br $next))
                (if (local.tee 5 (call_indirect (param i32 i32 i32) (result i32) (local.get 0) (local.get 1) (local.get 3) (i32.sub (i32.load16_u (local.get 1)) (i32.const 5))))
                  (then
                    (br_if $leave (i32.eq (local.get 5) (i32.const 1)))
                    (local.set 4 (i64.load offset=1096 (local.get 0)))
                    (local.set 6 (i32.sub (i32.load offset=1116 (local.get 0)) (i32.add (local.get 1) (i32.const 16))))
                    (br $lookup)))
                (local.set 1 (i32.add (local.get 1) (i32.const 16)))
                (br $next)))
            (local.set 4 (i64.add (i64.add (i64.load offset=1104 (local.get 0)) (i64.extend_i32_u (i32.shr_u (i32.sub (local.get 1) (local.get 2)) (i32.const 2)))) (i64.extend_i32_s (i32.shr_s (local.get 5) (i32.const 2)))))
            (local.set 6 (i32.sub (i32.load offset=1116 (local.get 0)) (i32.add (local.get 1) (i32.const 16))))
            (br $lookup))
          (i64.store offset=1096 (local.get 0) (i64.add (i64.load offset=1104 (local.get 0)) (i64.extend_i32_u (i32.shr_u (i32.sub (local.get 1) (local.get 2)) (i32.const 2)))))
          (i32.store offset=1120 (local.get 0) (i32.add (i32.sub (i32.load offset=1116 (local.get 0)) (local.get 1)) (i32.load offset=1140 (local.get 0))))
          (i32.store offset=1140 (local.get 0) (i32.const 0))
          (br $enter))
        (i32.store offset=1120 (local.get 0) (i32.add (i32.sub (i32.load offset=1116 (local.get 0)) (i32.add (local.get 1) (i32.const 16))) (i32.load offset=1140 (local.get 0))))
        (i32.store offset=1140 (local.get 0) (i32.const 0))
        (br $enter))))
  (export "run" (func $run))
  (export "slowRead" (func $slowRead))
  (export "slowWrite" (func $slowWrite))
  (export "system" (func $system)))
