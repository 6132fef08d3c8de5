exec(open('/tmp/t1.py').read().split("for bands,N")[0])
from scoring.irt.simulation.sequential import *
from scoring.irt.exposure.control import band_of
for bands in ((),(-.8,0.,.8)):
  for block,keep in ((100,1.),(20,1.),(100,.999)):
    policy=Policy(stopping=Stopping(L,L),exposure=Exposure(ExposureMethod.ELIGIBILITY,.2,bands))
    th=np.random.default_rng(5).standard_normal(4000)
    t=time.process_time()
    s=simulate_in_sequence(pool,policy,th,1,block=block,keep=keep)
    t=time.process_time()-t
    g=band_of(th,bands)
    def rates(sel):
        A=np.zeros((sel.sum(),J),bool); p,q=np.nonzero(s.items[sel]>=0); A[p,s.items[sel][p,q]]=True; return A.mean(0)
    print(len(bands),block,keep,round(t,1),"all",rates(th<9).max().round(3),"last half",rates(np.arange(4000)>=2000).max().round(3),[ (int((g==x).sum()), rates((g==x)).max().round(3), rates((g==x)&(np.arange(4000)>=2000)).max().round(3)) for x in range(len(bands)+1)], "rmse",np.sqrt(np.mean((s.theta-th)**2)).round(3))
t=time.process_time()
policy=Policy(stopping=Stopping(L,L))
s=simulate_in_sequence(pool,policy,th,1,block=20,hard_cap=Cap(.3,10)); print(np.bincount(s.item,minlength=J).max()/4000, time.process_time()-t)
